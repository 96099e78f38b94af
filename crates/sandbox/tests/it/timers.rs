//! Timers, and what wakes a program.

use crate::support::{run, sandbox};

#[tokio::test]
async fn timers_fire_in_order_and_move_the_clock() {
    let sandbox = sandbox().await;
    let mut differences = Vec::new();
    for (source, expected) in [
        ("const a = Date.now(); await new Promise((f) => setTimeout(f, 500)); return Date.now() - a", "500"),
        ("return new Promise((f) => setTimeout(f, 5, 'x', 'y'))", r#""x""#),
        (
            "const o = []; setTimeout(() => o.push(2), 20); setTimeout(() => o.push(1), 10); await new Promise((f) => setTimeout(f, 30)); return o",
            "[1,2]",
        ),
        (
            "let n = 0; return new Promise((f) => { const t = setInterval(() => { if (++n === 3) { clearInterval(t); f(n) } }, 10) })",
            "3",
        ),
        (
            "const t = setTimeout(() => { throw 1 }, 1); clearTimeout(t); clearTimeout(t); clearTimeout(undefined); clearTimeout('x'); return 1",
            "1",
        ),
        (
            "const r = await Promise.race([tools.a.b(), new Promise((f) => setTimeout(f, 1, 'late'))]); return r.path",
            r#""a.b""#,
        ),
        (
            "const o = []; setTimeout(() => o.push('t')); await null; o.push('m'); await new Promise((f) => setTimeout(f, 2)); return o",
            r#"["m","t"]"#,
        ),
        (
            "setTimeout(() => { throw new Error('lost') }); await new Promise((f) => setTimeout(f, 5)); return 1",
            "1",
        ),
        (
            "const s = AbortSignal.timeout(10); await new Promise((f) => s.onabort = f); return s.reason.name",
            r#""TimeoutError""#,
        ),
        ("await new Promise(() => {})", "deadlock: the program waits for something that can never happen"),
        (
            "const t = setTimeout(() => {}, 5); await new Promise((f) => clearTimeout(t))",
            "deadlock: the program waits for something that can never happen",
        ),
        (
            "tools.a.b(); await new Promise(() => {})",
            "deadlock: the program waits for something that can never happen",
        ),
    ] {
        let result = run(&sandbox, source).await.result();
        if result != expected {
            differences.push(format!("{source}\n  gave {result}\n  not  {expected}"));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[tokio::test]
async fn an_error_in_a_callback_is_shown() {
    let sandbox = sandbox().await;
    let run = run(
        &sandbox,
        "setTimeout(() => {\n  throw new Error('lost') });\nawait new Promise((f) => setTimeout(f, 5))",
    )
    .await;
    assert_eq!(run.console, ["Uncaught Error: lost\n    at <anonymous> (2:13)"]);
}
