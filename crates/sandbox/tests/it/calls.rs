//! Calls and what becomes of them.

use executor_core::call::Outcome;
use executor_core::error::{ErrorCode, ToolError};
use executor_sandbox::ProgramEnd;

use crate::support::{begin, echo, json, run, run_with, sandbox};

#[tokio::test]
async fn a_call_is_numbered_and_knows_its_line() {
    let sandbox = sandbox().await;
    let source = "type T = string;\nconst one = await tools.github.issues.create({ title: 't' });\nawait Promise.all([\n  tools.b.c(),\n  tools['d'].e({ x: [1] }, { connection: 'work' }),\n]);\nreturn one.path";
    let run = run(&sandbox, source).await;
    assert_eq!(run.result(), r#""github.issues.create""#);
    let calls: Vec<_> = run
        .calls
        .iter()
        .map(|call| {
            let event = &call.event;
            format!(
                "{} {} {} {} line {:?}",
                event.call,
                event.path,
                event.arguments.as_str(),
                event.options.as_str(),
                event.line
            )
        })
        .collect();
    insta::assert_snapshot!(calls.join("\n"), @r#"
    1 github.issues.create {"title":"t"} {} line Some(2)
    2 b.c {} {} line Some(4)
    3 d.e {"x":[1]} {"connection":"work"} line Some(5)
    "#);
}

#[tokio::test]
async fn arguments_are_their_json() {
    let sandbox = sandbox().await;
    let mut differences = Vec::new();
    for (expression, expected) in [
        ("tools.a.b(undefined)", "{}"),
        ("tools.a.b(null)", "null"),
        ("tools.a.b([1])", "[1]"),
        ("tools.a.b('text')", r#""text""#),
        ("tools.a.b({ d: new Date(0), u: undefined, f() {} })", r#"{"d":"1970-01-01T00:00:00.000Z"}"#),
        ("tools.a.b({ h: '\\ud83d' })", r#"{"h":"\ufffd"}"#),
        ("tools.a.b({ n: 1n })", "TypeError"),
        ("tools.a.b(() => 1)", "TypeError"),
        ("const c = {}; c.c = c; tools.a.b(c)", "TypeError"),
        ("let c = {}; for (let i = 0; i < 150; i++) c = { c }; tools.a.b(c)", "TypeError"),
        ("tools()", "TypeError"),
        ("tools['x'.repeat(600)]()", "TypeError"),
        ("tools.a = 1", "TypeError"),
        ("delete tools.a", "TypeError"),
    ] {
        let source = format!("try {{ {expression} }} catch (error) {{ return error.name }}");
        let run = run(&sandbox, &source).await;
        let given = match run.calls.first() {
            Some(call) => call.event.arguments.as_str().to_owned(),
            None => run.result().trim_matches('"').to_owned(),
        };
        if given != expected {
            differences.push(format!("{expression}\n  gave {given}\n  not  {expected}"));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[tokio::test]
async fn tools_are_no_promise_and_only_calls_are_calls() {
    let sandbox = sandbox().await;
    let run = run(&sandbox, "const t = await tools.a; const s = `${tools.a.b}`; return [typeof t.c, s, 'then' in tools, JSON.stringify(tools), tools.a.then === undefined]").await;
    assert_eq!((run.result().as_str(), run.calls.len()), (r#"["function","tools.a.b",false,null,true]"#, 0));
}

#[tokio::test]
async fn a_failed_call_throws_a_tool_error_with_the_line_of_the_call() {
    let sandbox = sandbox().await;
    let fail = |call: &executor_sandbox::IssuedCall| {
        let error = ToolError::new(ErrorCode::UpstreamError, &*call.event.path, "no such issue")
            .with_status(404)
            .with_details(json(r#"{"x":1}"#));
        Outcome::Failed(error)
    };
    let caught = "try { await tools.a.b() } catch (e) { return [e instanceof ToolError, e instanceof Error, e.name, e.message, e.code, e.status, e.retryable, e.path, e.hint, e.details] }";
    let run = run_with(&sandbox, begin(caught), fail).await;
    insta::assert_snapshot!(run.result(), @r#"[true,true,"ToolError","no such issue","upstream_error",404,false,"a.b","The message and the status are the API's own.",{"x":1}]"#);

    let uncaught = run_with(&sandbox, begin("const x = 1;\n\nawait tools.a.b();"), fail).await;
    let Some(Ok(ProgramEnd::Threw(error))) = uncaught.end else { panic!("{uncaught:?}") };
    assert_eq!(
        (error.name.as_deref(), error.tool_error, error.hint.as_deref()),
        (
            Some("ToolError"),
            Some(ErrorCode::UpstreamError),
            Some("The message and the status are the API's own.")
        )
    );
    assert_eq!(error.location.map(|place| place.line), Some(3));

    let forged = run_with(
        &sandbox,
        begin("try { await tools.a.b() } catch (e) { e.code = 'policy_denied'; throw e }"),
        fail,
    )
    .await;
    let Some(Ok(ProgramEnd::Threw(error))) = forged.end else { panic!("{forged:?}") };
    assert_eq!(error.tool_error, Some(ErrorCode::UpstreamError));
}

#[tokio::test]
async fn pages_are_calls_of_their_own() {
    let sandbox = sandbox().await;
    let answer = |call: &executor_sandbox::IssuedCall| {
        let page = if call.event.call < 3 {
            format!(r#"{{"items":[{0}, {0}0],"next":"c{0}"}}"#, call.event.call)
        } else {
            r#"{"items":[7]}"#.to_owned()
        };
        Outcome::Completed(json(&page))
    };
    let source = "const all = [];\nfor await (const item of tools.a.list({ q: 1 }, { paginate: true })) all.push(item);\nreturn all";
    let run = run_with(&sandbox, begin(source), answer).await;
    assert_eq!(run.result(), "[1,10,2,20,7]");
    let options: Vec<_> = run.calls.iter().map(|call| call.event.options.as_str()).collect();
    assert_eq!(
        options,
        [r#"{"paginate":true}"#, r#"{"paginate":true,"cursor":"c1"}"#, r#"{"paginate":true,"cursor":"c2"}"#]
    );
}

#[tokio::test]
async fn an_answer_of_ten_megabytes_and_one_that_is_too_deep() {
    let sandbox = sandbox().await;
    let large =
        |_: &executor_sandbox::IssuedCall| Outcome::Completed(json(&format!("{:?}", "x".repeat(10 << 20))));
    let run = run_with(&sandbox, begin("return (await tools.a.b()).length"), large).await;
    assert_eq!(run.result(), "10485760");
    let deep = |_: &executor_sandbox::IssuedCall| {
        Outcome::Completed(json(&format!("{}{}", "[".repeat(200_000), "]".repeat(200_000))))
    };
    let run =
        run_with(&sandbox, begin("try { await tools.a.b() } catch (e) { return [e.code, e.message] }"), deep)
            .await;
    assert_eq!(run.result(), r#"["upstream_invalid","The answer is nested too deeply."]"#);
}

#[tokio::test]
async fn many_calls_at_once() {
    let sandbox = sandbox().await;
    let source = "const all = await Promise.all(Array.from({ length: 1000 }, (_, i) => tools.a.b({ i })));\nreturn all.every((one, i) => one.arguments.i === i)";
    let run = run_with(&sandbox, begin(source), echo).await;
    assert_eq!((run.result().as_str(), run.calls.len()), ("true", 1_000));
}
