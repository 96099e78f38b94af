//! Journals that were written by released builds are replayed by this one (`ENGINE.md` 5.3).
//!
//! See `tests/histories/README.md`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use executor_core::journal::{Entry, Event};
use executor_core::task::TaskLimits;
use executor_core::{Json, Timestamp};
use executor_harness::fate::Fate;
use executor_harness::history::History;
use executor_harness::program::Program as Generated;
use executor_harness::random::Random;
use executor_harness::upstream::{Upstream, World};
use executor_sandbox::{
    Begin, CompiledProgram, Determinism, Options, Output, Program, ProgramEnd, REPLAY_VERSION, Sandbox,
    Tenant, WorkerCommand,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::TestEngine;

/// What agents do beyond calling tools.
const BY_HAND: &[&str] = &[
    "1 + 1",
    "return { now: Date.now(), dice: Math.random(), id: crypto.randomUUID() }",
    "async () => { const found = await tools.search('write a marker'); return found.items.map(tool => tool.path) }",
    "return (await tools.describe('world.write')).input ?? 'no types'",
    "interface Item { id: number }\nconst items: Item[] = [1, 2, 3].map(id => ({ id }));\nreturn items satisfies Item[];",
    "enum Color { Red, Green }\nreturn [Color.Red, Color[1], new URL('a?b=c#d', 'https://example.com/x/').href]",
    "```ts\nconst bytes = crypto.getRandomValues(new Uint8Array(8));\nreturn btoa(String.fromCharCode(...bytes));\n```",
    "try { await tools.world.write({ marker: 1 }) } catch (error) { return [error.code, error.retryable, error.path] }",
    "try { await tools.nowhere.thing({}) } catch (error) { return [error.name, error.code] }",
    "let turns = 0; const timer = setInterval(() => { if (++turns === 3) clearInterval(timer) }, 2);\nawait new Promise(done => setTimeout(done, 20)); return turns",
    "const order: string[] = []; queueMicrotask(() => order.push('micro')); setTimeout(() => order.push('timer'), 1);\nawait new Promise(done => setTimeout(done, 5)); console.log(order); return order",
    "try { await tools.nowhere.thing({}) } catch (error) { console.log(error); return `${error}` }",
    "await tools.world.read({ marker: 'r.f1', nonce: 1 })",
    "const stop = new AbortController(); stop.signal.addEventListener('abort', () => emit('stopped')); stop.abort('enough');\nreturn stop.signal.reason",
    "export default async () => structuredClone(new Map([[1, { two: new Date(Date.now()) }]])).get(1)",
];

/// How many generated programs are kept.
const GENERATED: u64 = 50;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/histories"))
}

fn histories() -> Vec<(String, Value)> {
    let mut histories = Vec::new();
    let mut files: Vec<_> = std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        for (index, line) in text.lines().enumerate() {
            histories.push((format!("{name}, line {}", index + 1), serde_json::from_str(line).unwrap()));
        }
    }
    histories
}

/// Runs a program again and feeds it what it learnt then. Gives how it ends now.
async fn replay(sandbox: &Sandbox, history: &Value) -> Result<Value, String> {
    let program: CompiledProgram = serde_json::from_value(history["program"].clone()).unwrap();
    let entry = |event: &Value| Entry {
        seq: event["seq"].as_u64().unwrap(),
        at: Timestamp::from_millis(event["at"].as_i64().unwrap()),
        event: Event::from_parts(event["type"].as_str().unwrap(), &event["data"].to_string()).unwrap(),
    };
    let journal: Vec<_> = history["journal"].as_array().unwrap().iter().map(entry).collect();
    let Event::TaskCreated(created) = &journal[0].event else { return Err("begins otherwise".to_owned()) };
    let begun = sandbox.begin(Begin {
        tenant: Tenant::new("histories".to_owned()),
        program: Program::Compiled(program),
        seed: created.seed,
        started_at: created.started_at,
        limits: (&TaskLimits::default()).into(),
        time_left: Duration::from_secs(30),
        history: &journal,
        replay_budget: Duration::from_secs(30),
        determinism: Determinism::default(),
    });
    let mut session = begun.await.map_err(|stop| format!("{stop:?}"))?;
    loop {
        match session.next().await.map_err(|stop| format!("{stop:?}"))? {
            Output::Settled(ProgramEnd::Returned(value)) => {
                return Ok(json!({ "returned": value.map(|value| value.read::<Value>().unwrap()) }));
            }
            Output::Settled(ProgramEnd::Threw(thrown)) => return Ok(json!({ "threw": thrown.message })),
            Output::Settled(end) => return Err(format!("ends otherwise: {end:?}")),
            Output::Idle { .. } => return Err("waits for what it did not wait for then".to_owned()),
            // A journal ends before these if the program did; they are new, and that is a difference.
            Output::Call(call) if !call.replayed => return Err(format!("makes a new call: {call:?}")),
            Output::Console(line) => return Err(format!("writes a new line: {line:?}")),
            _ => {}
        }
    }
}

async fn sandbox() -> Sandbox {
    let program = std::env::current_exe().unwrap();
    let command = WorkerCommand { program, arguments: vec!["__worker".to_owned()] };
    Sandbox::start(Options { workers: 1, ..Options::new(command) }).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn journals_of_released_builds_replay() {
    let sandbox = sandbox().await;
    let histories = histories();
    for version in 1..=REPLAY_VERSION {
        let of_version = histories.iter().filter(|(_, one)| one["program"]["replayVersion"] == version);
        assert!(of_version.count() >= 50, "too few histories of replay version {version}");
    }
    for (name, history) in &histories {
        let end = replay(&sandbox, history).await;
        assert_eq!(end.as_ref(), Ok(&history["end"]), "{name}: raise REPLAY_VERSION\n{}", history["code"]);
    }
}

/// The test above can fail: a journal that says something else is noticed.
#[tokio::test(flavor = "multi_thread")]
async fn a_changed_journal_is_noticed() {
    let sandbox = sandbox().await;
    let (mut tried, mut noticed) = (0, 0);
    for (_, mut history) in histories() {
        let mut events = history["journal"].as_array_mut().unwrap().iter_mut();
        let Some(issued) = events.find(|event| event["type"] == "call.issued") else { continue };
        issued["data"]["digest"] = json!("00".repeat(32));
        tried += 1;
        noticed += usize::from(replay(&sandbox, &history).await.is_err());
    }
    assert!(tried > 20 && noticed == tried, "{noticed} of {tried}");
}

/// A task that a build with an older prelude left waiting goes on after the upgrade as it would have there.
#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_an_older_build_left_waiting_is_resumed_with_its_prelude() {
    let (folder, upstream) = (Arc::new(TempDir::new().unwrap()), crate::support::Upstream::start().await);
    let code = "const told = async () => { try { await tools.nowhere.thing({}) } catch (error) { return `${error}` } };
        const before = await told();
        await tools.shop.items.create({ name: before });
        return [before, await told()]";
    let older = TestEngine::of_version(folder.clone(), 1).await;
    older.add_shop(upstream.address).await;
    older.connect(json!({ "source": "shop", "method": "token", "values": { "token": "t" } })).await;
    let waiting = older.run(code).await;
    assert_eq!(waiting.approvals.len(), 1, "{waiting:?}");
    older.executor.shutdown(Duration::from_secs(5)).await;

    let engine = TestEngine::on(folder).await;
    engine.decide(&waiting.approvals[0], json!({ "decision": "approve" })).await;
    let ended = engine.end_of(&waiting).await;
    let told = "ToolError: There is no tool `nowhere.thing`.";
    assert_eq!(
        ended.result.map(|result| result.read::<Value>().unwrap()),
        Some(json!([told, told])),
        "{:?}",
        ended.error
    );
    assert_eq!(upstream.seen().len(), 1);
    // What is new has what is new.
    let told = "ToolError [tool_not_found]: There is no tool `nowhere.thing`.";
    let fresh = engine.run("try { await tools.nowhere.thing({}) } catch (error) { return `${error}` }").await;
    assert_eq!(fresh.result.map(|result| result.read::<Value>().unwrap()), Some(json!(told)));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "writes this version's histories; run it for each release"]
async fn write_histories() {
    let (engine, upstream) = (TestEngine::new().await, Upstream::start().await);
    let world = World { history: History::default().into(), fate: Fate::new(None).into() };
    upstream.enter("r", world);
    engine.add_source(upstream.source()).await.unwrap();
    engine.allow("world.*").await;
    let generated =
        (0..GENERATED).map(|seed| Generated::generate(&mut Random::new(seed)).code(&format!("r.{seed}")));
    let mut lines = String::new();
    for code in BY_HAND.iter().map(|code| (*code).to_owned()).chain(generated) {
        let task = engine.run(&code).await;
        let stored = engine.store.task(task.summary.workspace, task.summary.id).await.unwrap();
        let journal = engine.store.journal(task.summary.workspace, task.summary.id, 0, 10_000).await.unwrap();
        let value = |json: &Json| json.read::<Value>().unwrap();
        let shown = |entry: &Entry| {
            let data = value(&entry.event.body().unwrap());
            json!({ "seq": entry.seq, "at": entry.at, "type": entry.event.kind(), "data": data })
        };
        let end = match (&task.result, &task.error) {
            (Some(result), _) => json!({ "returned": value(result) }),
            (None, Some(error)) => json!({ "threw": error.failure.message }),
            (None, None) => panic!("a task without an end"),
        };
        let program: Value = serde_json::from_str(&stored.program.unwrap()).unwrap();
        let history = json!({
            "code": code, "program": program, "end": end, "journal": journal.iter().map(shown).collect::<Vec<_>>(),
        });
        lines.push_str(&format!("{history}\n"));
    }
    let name = format!("{}+replay.{REPLAY_VERSION}.jsonl", env!("CARGO_PKG_VERSION"));
    std::fs::write(folder().join(name), lines).unwrap();
}
