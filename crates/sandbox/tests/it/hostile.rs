//! Programs that mean harm, or do it: each is ended by its own limit, and its neighbour notices nothing.

use std::time::{Duration, Instant};

use executor_sandbox::{Begin, Limits, Output, Tenant};

use crate::support::{begin, run, run_begin, sandbox};

/// A program with little time and little memory, of a tenant of its own.
fn limited(source: &str) -> Begin<'static> {
    Begin {
        tenant: Tenant::new("hostile"),
        time_left: Duration::from_millis(300),
        limits: Limits {
            memory_bytes: 32 << 20,
            value_bytes: 1 << 20,
            emitted_bytes: 4 << 20,
            timers: 1_000,
            ..Limits::default()
        },
        ..begin(source)
    }
}

/// What the server holds in memory now.
fn resident_bytes() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_harm_ends_by_its_limit() {
    let sandbox = sandbox().await;
    run(&sandbox, "return 1").await;
    let before = resident_bytes();
    let mut differences = Vec::new();
    let deep_brackets = "[".repeat(10_000);
    let deeper_brackets = "[".repeat(500_000);
    for (name, source, expected) in [
        ("endless loop", "while (true) {}", "timed_out"),
        (
            "endless loop with catch",
            "for (;;) { try { for (;;) {} } catch {} finally { continue } }",
            "timed_out",
        ),
        ("endless awaiting", "while (true) await Promise.resolve()", "timed_out"),
        (
            "endless microtasks",
            "const again = () => queueMicrotask(again); again(); await new Promise(() => {})",
            "timed_out",
        ),
        ("regular expression", "/(a+)+$/.test('a'.repeat(40) + 'b')", "timed_out"),
        (
            "long native calls",
            "const s = 'a'.repeat(10_000_000); let n = 0; for (;;) n += s.indexOf('b')",
            "timed_out",
        ),
        (
            "sort without end",
            "let i = 0; Array.from({ length: 1e5 }, () => i++).sort(() => { for (let j = 0; j < 1e4; j++); return 1 })",
            "timed_out",
        ),
        ("getter without end", "return { get a() { for (;;) {} } }", "timed_out"),
        ("array memory", "const a = []; for (;;) a.push(new Array(1000).fill(1))", "memory_limit"),
        (
            "memory with catch",
            "const a = []; for (;;) { try { for (;;) a.push('x'.repeat(100_000) + a.length) } catch {} }",
            "memory_limit",
        ),
        ("string doubling", "let s = 'x'; for (;;) s += s", "threw InternalError: string too long"),
        (
            "strings doubled and kept",
            "let s = 'x'; const all = []; for (;;) { s = s.slice(0, 1e6) + s; all.push(s.split('')) }",
            "memory_limit",
        ),
        ("large buffer", "try { new ArrayBuffer(1 << 30) } catch {} return 'survived'", "memory_limit"),
        (
            "many encodings",
            "const a = []; const e = new TextEncoder(); for (;;) a.push(e.encode('x'.repeat(1e6)))",
            "memory_limit",
        ),
        (
            "deep recursion",
            "const f = () => f() + 1; try { f() } catch (e) { return e.name }",
            r#""RangeError""#,
        ),
        (
            "deep recursion, uncaught",
            "(() => { const f = () => f() + 1; return f() })()",
            "threw RangeError: Maximum call stack size exceeded",
        ),
        (
            "deep JSON",
            "return JSON.parse('['.repeat(200000)).length",
            "threw RangeError: Maximum call stack size exceeded",
        ),
        ("10 kB of brackets", &deep_brackets, "invalid: "),
        ("500 kB of brackets", &deeper_brackets, "invalid: the code is nested too deeply to be parsed"),
        ("large result", "return 'x'.repeat(2 << 20)", "output_limit"),
        ("large emit", "emit('x'.repeat(2 << 20))", "output_limit"),
        ("many emits", "for (;;) emit('x'.repeat(1 << 16))", "output_limit"),
        ("large arguments", "tools.a.b({ a: 'x'.repeat(2 << 20) })", "output_limit"),
        ("10 MB result", "return 'x'.repeat(10 << 20).length", "10485760"),
        ("200,000 objects", "return Array.from({ length: 200000 }, (_, i) => ({ i })).length", "200000"),
        ("too many calls", "for (;;) tools.a.b()", "call_limit"),
        ("too many timers", "for (;;) setTimeout(() => {}, 1)", "call_limit"),
        ("unhandled rejection", "Promise.reject(new Error('nobody')); return 1", "1"),
        ("circular result", "const a = {}; a.a = a; return a", "unserializable: a circular reference at `a`"),
    ] {
        let started = Instant::now();
        let time_left = Duration::from_millis(if expected == "timed_out" { 300 } else { 20_000 });
        let result = run_begin(&sandbox, Begin { time_left, ..limited(source) }).await.result();
        // No timing test: it says only that the case ended by its limit and not by luck.
        if !result.starts_with(expected) || started.elapsed() > time_left + Duration::from_secs(5) {
            differences.push(format!(
                "{name}\n  gave {:.200} after {:?}\n  not  {expected}",
                result,
                started.elapsed()
            ));
        }
        assert_eq!(run(&sandbox, "return 'neighbour'").await.result(), r#""neighbour""#, "{name}");
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    let growth = resident_bytes().saturating_sub(before);
    assert!(growth < 64 << 20, "the server grew by {growth} bytes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_neighbour_is_served_while_another_loops() {
    let sandbox = sandbox().await;
    let looping = limited("for (;;) 'a'.repeat(1e6).indexOf('b')");
    let (looped, served) =
        tokio::join!(run_begin(&sandbox, Begin { time_left: Duration::from_secs(1), ..looping }), async {
            let started = Instant::now();
            let mut served = 0;
            while started.elapsed() < Duration::from_millis(500) {
                assert_eq!(run(&sandbox, "return (await tools.a.b()).path").await.result(), r#""a.b""#);
                served += 1;
            }
            served
        });
    assert!(looped.result().starts_with("timed_out"), "{}", looped.result());
    assert!(served > 1, "{served}");
}

#[tokio::test]
async fn a_worker_that_ignores_its_deadline_is_killed() {
    let sandbox = sandbox().await;
    // One native call of several seconds: the engine does not look at its clock within.
    let source = "const a = 'a'.repeat(4e6); const b = 'a'.repeat(2e6) + 'b'; return a.indexOf(b)";
    let started = Instant::now();
    let result = run_begin(
        &sandbox,
        Begin { limits: Limits::default(), time_left: Duration::from_millis(200), ..limited(source) },
    )
    .await
    .result();
    assert!(result.starts_with("timed_out"), "{result}");
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
}

#[tokio::test]
async fn lines_written_before_a_loop_are_not_lost() {
    let sandbox = sandbox().await;
    let run = run_begin(&sandbox, limited("console.log('before'); for (;;) {}")).await;
    assert_eq!(
        (run.console.as_slice(), run.result().starts_with("timed_out")),
        (["before".to_owned()].as_slice(), true)
    );
    // Also where only the kill ends it.
    let killed = "console.log('before'); for (let i = 0; i < 3e6; i++);\n\
                  const a = 'a'.repeat(4e6); const b = 'a'.repeat(2e6) + 'b'; return a.indexOf(b)";
    let run = run_begin(
        &sandbox,
        Begin { limits: Limits::default(), time_left: Duration::from_millis(500), ..limited(killed) },
    )
    .await;
    assert_eq!(run.console, ["before"]);
}

#[tokio::test]
async fn too_large_a_source_is_refused_before_any_worker_sees_it() {
    let sandbox = sandbox().await;
    let result = run(&sandbox, &" ".repeat((1 << 20) + 1)).await.result();
    assert!(result.starts_with("code_too_large"), "{result}");
}

#[tokio::test]
async fn an_outcome_too_large_for_a_frame_ends_the_program() {
    use executor_core::call::Outcome;
    let sandbox = sandbox().await;
    let answer = |_: &executor_sandbox::IssuedCall| {
        Outcome::Completed(crate::support::json(&format!("{:?}", "x".repeat(33 << 20))))
    };
    let run = crate::support::run_with(&sandbox, begin("await tools.a.b()"), answer).await;
    assert!(run.result().starts_with("output_limit"), "{}", run.result());
}

#[tokio::test]
async fn dropping_a_session_in_any_state_leaves_the_pool_whole() {
    let sandbox = sandbox().await;
    for source in ["for (;;) {}", "await tools.a.b()", "return 1", "[[["] {
        for _ in 0..3 {
            let mut session = sandbox.begin(begin(source)).await.unwrap();
            if source.starts_with("await") {
                while !matches!(session.next().await, Ok(Output::Idle { .. })) {}
            }
            drop(session);
        }
        assert_eq!(run(&sandbox, "return 1").await.result(), "1", "{source}");
    }
}
