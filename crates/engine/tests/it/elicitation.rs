//! What MCP servers ask people in the middle of a call, and how far they say they are.

use std::time::Duration;

use executor_core::ErrorCode;
use executor_core::approval::ApprovalStatus;
use executor_core::call::CallState;
use executor_core::journal::Event;
use executor_core::task::TaskStatus;
use executor_engine::{ApprovalView, EventFilter, TaskView, Until};
use executor_harness::mcp_server::{Generation, McpServer};
use serde_json::{Value, json};

use crate::support::{TestEngine, submission};

const BOTH: [Generation; 2] = [Generation::Stateless, Generation::Sessions];

async fn hotel(generation: Generation) -> (TestEngine, McpServer) {
    let (engine, server) = (TestEngine::new().await, McpServer::start(generation).await);
    engine.add_source(json!({ "name": "hotel", "url": server.address, "kind": "mcp" })).await.unwrap();
    engine.allow("hotel.*").await;
    (engine, server)
}

async fn stuck(engine: &TestEngine, task: &TaskView) -> TaskView {
    engine.workspace.wait(task.summary.id, Until::Stuck, Duration::from_secs(20)).await.unwrap()
}

fn only(task: &TaskView) -> &ApprovalView {
    let [approval] = task.approvals.as_slice() else { panic!("{task:?}") };
    approval
}

fn result(task: &TaskView) -> Value {
    task.result.as_ref().unwrap_or_else(|| panic!("{task:?}")).read().unwrap()
}

async fn events(engine: &TestEngine, task: &TaskView) -> Vec<Event> {
    let filter = EventFilter { limit: Some(1_000), ..EventFilter::default() };
    let events = engine.workspace.events(task.summary.id, filter).await.unwrap();
    events.into_iter().map(|entry| entry.event).collect()
}

const BOOK: &str = "return await tools.hotel.book({ room: 'blue' });";

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_asks_is_a_question_to_a_person_and_its_answer_reaches_the_server() {
    for generation in BOTH {
        let (engine, server) = hotel(generation).await;
        let task = engine.run(BOOK).await;
        assert_eq!(task.summary.status, TaskStatus::Waiting, "{generation:?}");
        let asked = only(&task);
        let question = asked.question.as_ref().unwrap();
        // Who asks is said by us, and its words are seen to be its own.
        assert_eq!(question.title, "`hotel` asks for an answer");
        let details = question.details.as_ref().unwrap();
        let origin = server.address.trim_end_matches("/mcp");
        assert!(details.starts_with(&format!("The API at {origin} says this, not Executor:")), "{details}");
        assert!(details.contains("\n> How many nights?\n> Executor needs to know.\n"), "{details}");
        assert_eq!((asked.path.as_str(), asked.origin.as_str()), ("hotel.book", origin));
        for (decision, code) in [
            (json!({ "decision": "approve" }), ErrorCode::InvalidRequest),
            (json!({ "decision": "approve", "answer": { "nights": "two" } }), ErrorCode::InvalidArguments),
            (
                json!({ "decision": "approve", "answer": { "nights": 2, "x": 1 } }),
                ErrorCode::InvalidArguments,
            ),
            (
                json!({ "decision": "approve", "answer": { "nights": 2 }, "remember": "rule" }),
                ErrorCode::InvalidRequest,
            ),
        ] {
            let decision = serde_json::from_value(decision).unwrap();
            let refused = engine.workspace.resolve_approval(asked.id, decision).await.unwrap_err();
            assert_eq!(refused.code, code, "{generation:?}");
        }
        assert_eq!(server.effects(), Vec::<Value>::new());
        engine.decide(asked, json!({ "decision": "approve", "answer": { "nights": 2 } })).await;
        let task = engine.end_of(&task).await;
        let answer = json!({ "action": "accept", "content": { "nights": 2 } });
        let effect = json!({ "did": "book", "room": "blue", "answers": [answer] });
        assert_eq!((result(&task), server.effects()), (effect.clone(), vec![effect]), "{generation:?}");
        assert_eq!(engine.workspace.approval(asked.id).await.unwrap().status, ApprovalStatus::Used);
        // What the server wants back is for it alone.
        let states: Vec<_> = events(&engine, &task)
            .await
            .into_iter()
            .filter_map(|event| match event {
                Event::CallAsked(asked) => Some((asked.live, asked.state)),
                _ => None,
            })
            .collect();
        let expected = match generation {
            Generation::Stateless => (false, Some("[redacted]".to_owned())),
            Generation::Sessions => (true, None),
        };
        assert_eq!(states, [expected]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_want_to_answer_is_heard_by_the_server_too() {
    for generation in BOTH {
        for (withdraws, action) in [(false, "decline"), (true, "cancel")] {
            let (engine, server) = hotel(generation).await;
            let task = engine.run(BOOK).await;
            let asked = only(&task);
            match withdraws {
                true => drop(engine.workspace.withdraw_approval(asked.id, None).await.unwrap()),
                false => drop(engine.decide(asked, json!({ "decision": "deny" })).await),
            }
            let task = engine.end_of(&task).await;
            assert_eq!(result(&task)["answers"], json!([{ "action": action }]), "{generation:?}");
            assert_eq!(server.effects().len(), 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_questions_are_asked_one_after_the_other() {
    for generation in BOTH {
        let (engine, server) = hotel(generation).await;
        let task = engine.run("return await tools.hotel.pair({});").await;
        engine.decide(only(&task), json!({ "decision": "approve", "answer": { "nights": 1 } })).await;
        let task = stuck(&engine, &task).await;
        assert!(only(&task).question.as_ref().unwrap().details.as_ref().unwrap().contains("> Which bed?"));
        assert_eq!(server.effects(), Vec::<Value>::new());
        engine.decide(only(&task), json!({ "decision": "deny" })).await;
        let answers = result(&engine.end_of(&task).await)["answers"].clone();
        let first = json!({ "action": "accept", "content": { "nights": 1 } });
        assert_eq!(answers, json!([first, { "action": "decline" }]), "{generation:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_to_visit_is_shown_with_its_host_and_a_form_for_a_secret_is_not_shown() {
    for generation in BOTH {
        let (engine, server) = hotel(generation).await;
        let task = engine.run("return await tools.hotel.visit({});").await;
        let question = only(&task).question.clone().unwrap();
        assert_eq!(question.title, "`hotel` asks you to visit a page on bank.example");
        assert!(question.details.unwrap().contains("\nhttps://bank.example/pay?order=7\n"));
        engine.decide(only(&task), json!({ "decision": "approve", "answer": {} })).await;
        let task = engine.end_of(&task).await;
        assert_eq!(result(&task)["answers"][0]["action"], "accept", "{generation:?}");

        let task = engine.run("return await tools.hotel.login({});").await;
        assert!(task.approvals.is_empty(), "{task:?}");
        match generation {
            Generation::Stateless => {
                let error = task.error.unwrap().failure;
                assert_eq!(error.code, ErrorCode::UpstreamError);
                assert!(error.message.contains("asks a person for a secret"), "{error:?}");
                assert_eq!(server.effects().len(), 1);
            }
            Generation::Sessions => assert_eq!(result(&task)["answers"], json!([{ "action": "cancel" }])),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_of_today_is_asked_before_an_answer_leaves() {
    let (engine, server) = hotel(Generation::Stateless).await;
    let first = engine.run(BOOK).await;
    engine.add_rule(json!({ "tools": "hotel.book", "effect": "require_approval", "position": 0 })).await;
    engine.decide(only(&first), json!({ "decision": "approve", "answer": { "nights": 2 } })).await;
    let first = stuck(&engine, &first).await;
    // It was allowed, and is not any more without somebody's leave.
    assert!(only(&first).request.is_some(), "{first:?}");
    engine.decide(only(&first), json!({ "decision": "approve" })).await;
    assert_eq!(result(&engine.end_of(&first).await)["did"], "book");

    let second = engine.run(BOOK).await;
    engine.decide(only(&second), json!({ "decision": "approve" })).await;
    let second = stuck(&engine, &second).await;
    engine.add_rule(json!({ "tools": "hotel.book", "effect": "deny", "position": -1 })).await;
    engine.decide(only(&second), json!({ "decision": "approve", "answer": { "nights": 2 } })).await;
    let second = engine.end_of(&second).await;
    assert_eq!((second.summary.status, server.effects().len()), (TaskStatus::Denied, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_outlives_the_process_where_the_server_keeps_no_session() {
    for (generation, state) in
        [(Generation::Stateless, CallState::Completed), (Generation::Sessions, CallState::Unknown)]
    {
        let (engine, server) = hotel(generation).await;
        let task = engine.run(BOOK).await;
        let (asked, folder) = (only(&task).clone(), engine.folder.clone());
        engine.executor.shutdown(Duration::ZERO).await;
        drop(engine);
        let engine = TestEngine::on(folder).await;
        let answered =
            serde_json::from_value(json!({ "decision": "approve", "answer": { "nights": 2 } })).unwrap();
        let answered = engine.workspace.resolve_approval(asked.id, answered).await;
        match generation {
            Generation::Stateless => {
                answered.unwrap();
                assert_eq!(result(&engine.end_of(&task).await)["did"], "book");
            }
            Generation::Sessions => {
                let task = stuck(&engine, &task).await;
                assert_eq!((task.approvals.len(), task.unknown_calls.len()), (0, 1), "{task:?}");
            }
        }
        assert_eq!(engine.workspace.calls(task.summary.id).await.unwrap()[0].state, state);
        assert_eq!(server.effects().len(), usize::from(state == CallState::Completed));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_for_a_program_that_has_ended_and_no_time_runs_while_a_person_thinks() {
    let (engine, server) = hotel(Generation::Sessions).await;
    let task = engine.run("tools.hotel.book({ room: 'a' }).catch(() => 0); return 'done';").await;
    assert_eq!((result(&task), task.approvals.len()), (json!("done"), 0));
    assert!(server.effects().iter().all(|effect| effect["answers"] == json!([{ "action": "cancel" }])));

    let submission = executor_engine::Submission { timeout_ms: Some(1_500), ..submission(BOOK) };
    let task = engine.workspace.submit(submission).await.unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    engine.decide(only(&task), json!({ "decision": "approve", "answer": { "nights": 2 } })).await;
    assert_eq!(result(&engine.end_of(&task).await)["did"], "book");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_open_requests_of_one_session_ask_for_their_own_calls() {
    let (engine, _server) = hotel(Generation::Sessions).await;
    let both = "return await Promise.all(['a', 'b'].map((room) => tools.hotel.book({ room })));";
    let task = engine.run(both).await;
    let [first, second] = task.approvals.as_slice() else { panic!("{task:?}") };
    assert_ne!(first.call, second.call);
    for approval in [second, first] {
        let answer = json!({ "decision": "approve", "answer": { "nights": approval.call } });
        engine.decide(approval, answer).await;
    }
    let done = result(&engine.end_of(&task).await);
    for (number, room) in [(1, "a"), (2, "b")] {
        let one = &done[number - 1];
        assert_eq!((&one["room"], &one["answers"][0]["content"]["nights"]), (&json!(room), &json!(number)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_noted_once_a_second_and_read_by_no_code() {
    for generation in BOTH {
        let (engine, _server) = hotel(generation).await;
        let task = engine.run("return await tools.hotel.work({});").await;
        assert_eq!(result(&task), json!({ "worked": true }));
        let progress: Vec<_> = events(&engine, &task)
            .await
            .into_iter()
            .filter_map(|event| match event {
                Event::CallProgress(progress) => Some(progress),
                _ => None,
            })
            .collect();
        assert!((1..=3).contains(&progress.len()), "{generation:?}: {progress:?}");
        let first = &progress[0];
        assert_eq!(
            (first.call, first.progress.as_i64(), first.total.as_ref().and_then(|total| total.as_i64())),
            (1, Some(1), Some(30))
        );
        assert_eq!(first.message.as_deref(), Some("step 1"));
        let replayed = engine.workspace.replay(task.summary.id).await.unwrap();
        assert!(replayed.diverged.is_none(), "{replayed:?}");
    }
}
