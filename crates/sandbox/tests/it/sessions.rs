//! Sessions and workers from the engine's side.

use std::time::Duration;

use executor_core::Timestamp;
use executor_core::call::Outcome;
use executor_sandbox::{
    Begin, Delivery, Options, Output, Program, ProgramEnd, Sandbox, Session, StartError, Tenant,
    WorkerCommand,
};

use crate::support::{begin, json, options, run, sandbox};

async fn until_idle(session: &mut Session) {
    while !matches!(session.next().await.unwrap(), Output::Idle { .. }) {}
}

fn completed(call: u32) -> Delivery {
    Delivery::CallSettled { call, outcome: Outcome::Completed(json("1")) }
}

/// The worker processes that are alive.
fn children() -> Vec<u32> {
    let mut children = Vec::new();
    for task in std::fs::read_dir("/proc/self/task").unwrap() {
        let list = std::fs::read_to_string(task.unwrap().path().join("children")).unwrap_or_default();
        children.extend(list.split_ascii_whitespace().map(|id| id.parse::<u32>().unwrap()));
    }
    children.sort_unstable();
    children
}

/// Waits until what happens in the background has happened.
async fn eventually(holds: impl Fn() -> bool) -> bool {
    for _ in 0..200 {
        if holds() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}

#[tokio::test]
async fn deliveries_wait_for_the_program_to_be_idle_and_strangers_are_ignored() {
    let sandbox = sandbox().await;
    let source = "const all = [tools.a.b(), tools.a.b(), tools.a.b()]; const o = [];\n\
                  for (const [i, p] of all.entries()) p.then(() => o.push([i, Date.now()])); await Promise.all(all); return o";
    let mut session = sandbox.begin(begin(source)).await.unwrap();
    // Before the program has even made the calls: kept, and then these three are pending.
    for (call, at) in [(3, 30), (9, 31), (1, 32), (1, 33), (2, 34)] {
        session.deliver(completed(call), Timestamp::from_millis(at), Duration::from_secs(1));
    }
    let end = loop {
        if let Output::Settled(end) = session.next().await.unwrap() {
            break end;
        }
    };
    assert_eq!(end, ProgramEnd::Returned(Some(json("[[2,30],[0,32],[1,34]]"))));
    assert!(tokio::time::timeout(Duration::from_millis(20), session.next()).await.is_err());
}

#[tokio::test]
async fn next_may_be_cancelled_at_any_point() {
    let sandbox = sandbox().await;
    let mut session = sandbox
        .begin(begin(
            "for (let i = 0; i < 50; i++) await tools.a.b({ i, x: 'x'.repeat(10_000) }); return 'done'",
        ))
        .await
        .unwrap();
    let mut calls = 0;
    loop {
        match tokio::time::timeout(Duration::from_micros(50), session.next()).await {
            Err(_) => {}
            Ok(Ok(Output::Call(call))) => {
                calls += 1;
                assert_eq!(call.event.call, calls);
                session.deliver(completed(calls), Timestamp::from_millis(1), Duration::from_secs(1));
            }
            Ok(Ok(Output::Settled(end))) => {
                break assert_eq!(end, ProgramEnd::Returned(Some(json(r#""done""#))));
            }
            Ok(Ok(_)) => {}
            Ok(Err(stop)) => panic!("{stop}"),
        }
    }
    assert_eq!(calls, 50);
}

#[tokio::test]
async fn a_worker_serves_one_tenant_and_is_replaced_after_so_many_programs() {
    let sandbox = Sandbox::start(Options { programs_per_worker: 3, ..options() }).await.unwrap();
    let of = |tenant: &str| Begin { tenant: Tenant::new(tenant), ..begin("await tools.a.b()") };
    let mut seen = Vec::new();
    for tenant in ["one", "one", "one", "one", "two"] {
        // One worker is fresh on the shelf, another may be the tenant's own: the one that this session has is the one
        // that is gone from there while it is idle, and alone remains when the session keeps it.
        let mut session = sandbox.begin(of(tenant)).await.unwrap();
        until_idle(&mut session).await;
        // The shelf is filled up in its own time, and what is given back comes there likewise.
        assert!(eventually(|| children().len() >= 2).await);
        tokio::time::sleep(Duration::from_millis(300)).await;
        seen.push((tenant, children()));
        // An orderly end: a program that is left unfinished may cost its worker on a busy machine.
        session.deliver(completed(1), Timestamp::from_millis(1), Duration::from_secs(1));
        while !matches!(session.next().await.unwrap(), Output::Settled(_)) {}
        drop(session);
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    let new_in = |index: usize| {
        seen[index].1.iter().filter(|id| seen[..index].iter().all(|(_, before)| !before.contains(id))).count()
    };
    // The second and third program of a tenant need no new process.
    assert_eq!((new_in(1), new_in(2)), (0, 0), "{seen:?}");
    // The worker of the first three is gone by the fourth.
    assert!(seen[2].1.iter().any(|id| !seen[3].1.contains(id)), "{seen:?}");
    // Another tenant takes a fresh one, and the shelf gets another.
    assert!(new_in(4) > 0, "{seen:?}");
}

#[tokio::test]
async fn an_abandoned_program_leaves_its_worker_fit_for_the_next() {
    let sandbox = sandbox().await;
    run(&sandbox, "return 1").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut seen = children();
    for _ in 0..20 {
        let mut session = sandbox.begin(begin("globalThis.left = 1; await tools.a.b()")).await.unwrap();
        until_idle(&mut session).await;
        drop(session);
        tokio::time::sleep(Duration::from_millis(20)).await;
        seen.extend(children());
    }
    seen.sort_unstable();
    seen.dedup();
    assert!(seen.len() < 10, "{seen:?}");
    assert_eq!(run(&sandbox, "return typeof left").await.result(), r#""undefined""#);
}

#[tokio::test]
async fn no_more_workers_than_allowed_and_who_waits_gets_one() {
    let sandbox = Sandbox::start(Options { most_workers: 1, ..options() }).await.unwrap();
    let first = sandbox.begin(begin("await tools.a.b()")).await.unwrap();
    let second = tokio::time::timeout(Duration::from_millis(50), sandbox.begin(begin("return 1")));
    assert!(second.await.is_err());
    drop(first);
    assert_eq!(run(&sandbox, "return 1").await.result(), "1");
}

fn kill(children: &[u32]) {
    for child in children {
        let _ = std::process::Command::new("kill").args(["-9", &child.to_string()]).status();
    }
}

#[tokio::test]
async fn a_worker_killed_from_outside_is_a_crash_and_the_next_program_runs() {
    let sandbox = sandbox().await;
    let mut session = sandbox.begin(begin("await tools.a.b()")).await.unwrap();
    until_idle(&mut session).await;
    kill(&children());
    let stop = session.next().await.unwrap_err();
    assert_eq!((stop.code().as_str(), stop.may_retry()), ("worker_crashed", true));
    // One on the shelf may still be dying, and is handed out all the same.
    assert_eq!(run(&sandbox, "return 1").await.result(), "1");
}

#[tokio::test]
async fn a_worker_that_dies_before_it_has_read_its_program_is_replaced_unnoticed() {
    let sandbox = sandbox().await;
    let [ready] = children()[..] else { panic!("one worker stands ready") };
    // Stopped, it looks alive, is handed out, and dies with its pipe unread.
    let signal = |name: &str| std::process::Command::new("kill").args([name, &ready.to_string()]).status();
    assert!(signal("-STOP").unwrap().success());
    let mut session = sandbox.begin(begin("return 1")).await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(20), session.next()).await.is_err());
    assert!(signal("-KILL").unwrap().success());
    while !matches!(session.next().await.unwrap(), Output::Settled(ProgramEnd::Returned(_))) {}
}

#[tokio::test]
async fn with_the_last_sandbox_and_session_the_workers_are_gone() {
    let sandbox = sandbox().await;
    let mut session = sandbox.begin(begin("return await tools.a.b()")).await.unwrap();
    until_idle(&mut session).await;
    drop(sandbox);
    // The session has its worker still.
    session.deliver(completed(1), Timestamp::from_millis(1), Duration::from_secs(1));
    assert_eq!(session.next().await.unwrap(), Output::Settled(ProgramEnd::Returned(Some(json("1")))));
    drop(session);
    assert!(eventually(|| children().is_empty()).await, "{:?}", children());
}

#[tokio::test]
async fn a_compiled_program_is_what_its_source_is() {
    let sandbox = sandbox().await;
    let source = "enum E { A = 4 }\nconst f = (a: number) => {\n  throw new Error(`${a}`)\n};\nf(E.A)";
    let mut session = sandbox.begin(begin(source)).await.unwrap();
    let Output::Compiled(program) = session.next().await.unwrap() else { panic!() };
    let from_source = session.next().await.unwrap();
    let stored = serde_json::from_str(&serde_json::to_string(&program).unwrap()).unwrap();
    let mut session = sandbox.begin(Begin { program: Program::Compiled(stored), ..begin("") }).await.unwrap();
    assert_eq!(session.next().await.unwrap(), from_source);
}

#[tokio::test]
async fn what_is_no_worker_is_an_error_and_not_a_wait() {
    let start = |program: &str, arguments: &[&str]| {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let command = WorkerCommand { program: program.into(), arguments };
        Sandbox::start(Options { start_timeout: Duration::from_millis(300), ..Options::new(command) })
    };
    for (program, arguments) in [
        ("/bin/true", &[][..]),
        ("/bin/sleep", &["60"]),
        ("/bin/sh", &["-c", "echo hello >&0"]),
        ("/no/such", &[]),
    ] {
        assert!(matches!(start(program, arguments).await, Err(StartError::Worker(_))), "{program}");
    }
}
