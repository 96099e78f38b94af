//! Calls that wait for a person: held, decided, resumed, each effect once.

use std::sync::Arc;
use std::time::Duration;

use executor_core::approval::{ApprovalStatus, Verdict};
use executor_core::call::CallState;
use executor_core::task::TaskStatus;
use executor_core::{ErrorCode, Failure, Role};
use executor_engine::{
    ApprovalView, EventFilter, PageRequest, Settings, Submission, TaskView, Until, Workspace,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{TestEngine, Upstream, silent_upstream_that_waits, submission};

async fn with_shop() -> (TestEngine, Upstream) {
    let (engine, upstream) = (TestEngine::new().await, Upstream::start().await);
    prepare(&engine, &upstream).await;
    (engine, upstream)
}

async fn prepare(engine: &TestEngine, upstream: &Upstream) {
    engine.add_shop(upstream.address).await;
    engine.connect(json!({ "source": "shop", "method": "token", "values": { "token": "t" } })).await;
}

fn approve() -> Value {
    json!({ "decision": "approve" })
}

async fn kinds(engine: &TestEngine, task: &TaskView) -> Vec<&'static str> {
    let journal = engine.workspace.events(task.summary.id, EventFilter::default()).await.unwrap();
    journal.iter().map(|entry| entry.event.kind()).collect()
}

async fn resolve(
    workspace: &Workspace,
    approval: &ApprovalView,
    decision: Value,
) -> Result<ApprovalView, Failure> {
    workspace.resolve_approval(approval.id, serde_json::from_value(decision).unwrap()).await
}

const CREATE: &str = "return await tools.shop.items.create({ name: 'lamp' })";

#[tokio::test(flavor = "multi_thread")]
async fn a_write_waits_for_a_person_and_is_done_once() {
    let (engine, upstream) = with_shop().await;
    let task =
        engine.run("console.log('before');\nreturn await tools.shop.items.create({ name: 'lamp' })").await;
    assert_eq!(task.summary.status, TaskStatus::Waiting);
    let [approval] = task.approvals.as_slice() else { panic!("{task:?}") };
    assert_eq!((approval.path.as_str(), approval.call, approval.line), ("shop.items.create", 1, Some(2)));
    assert_eq!(approval.arguments.as_str(), r#"{"name":"lamp"}"#);
    assert_eq!(approval.request.as_ref().unwrap().method, "POST");
    assert!(approval.may_decide && approval.reason.contains("write"));
    assert!(upstream.seen().is_empty());

    let whole = engine.workspace.approval(approval.id).await.unwrap();
    assert!(whole.code.unwrap().contains("before") && whole.done_so_far.unwrap().is_empty());
    let decided = engine.decide(approval, approve()).await;
    assert_eq!((decided.status, decided.votes.len()), (ApprovalStatus::Approved, 1));
    let ended = engine.end_of(&task).await;
    assert_eq!(ended.summary.status, TaskStatus::Completed, "{:?}", ended.error);
    assert_eq!(ended.result.unwrap().as_str(), r#"{"name":"lamp"}"#);
    assert_eq!((ended.console.len(), upstream.seen().len()), (1, 1), "nothing is done twice");
    assert_eq!(engine.workspace.approval(approval.id).await.unwrap().status, ApprovalStatus::Used);
    assert_eq!(
        kinds(&engine, &task).await,
        [
            "task.created",
            "task.attempt",
            "console",
            "call.issued",
            "call.judged",
            "call.held",
            "task.waiting",
            "call.decided",
            "task.attempt",
            "call.judged",
            "call.started",
            "call.settled",
            "program.ended",
            "task.ended",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denial_reaches_the_code_with_its_reason() {
    let (engine, upstream) = with_shop().await;
    let denied = json!({ "decision": "deny", "reason": "not today" });
    let task = engine.run(CREATE).await;
    engine.decide(&task.approvals[0], denied.clone()).await;
    let ended = engine.end_of(&task).await;
    assert_eq!(ended.summary.status, TaskStatus::Denied);
    let failure = ended.error.unwrap().failure;
    assert_eq!(failure.code, ErrorCode::ApprovalDenied);
    assert!(failure.message.contains("not today"), "{failure:?}");

    let task =
        engine.run("try { await tools.shop.items.create({ name: 'x' }) } catch (e) { return e.code }").await;
    engine.decide(&task.approvals[0], denied).await;
    let ended = engine.end_of(&task).await;
    assert_eq!(
        (ended.summary.status, ended.result.unwrap().as_str()),
        (TaskStatus::Completed, r#""approval_denied""#)
    );
    assert!(upstream.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_calls_go_on_while_others_wait_and_survive_a_restart() {
    let folder = Arc::new(TempDir::new().unwrap());
    let upstream = Upstream::start().await;
    let first = TestEngine::on(folder.clone()).await;
    prepare(&first, &upstream).await;
    let code = "const write = (name) => tools.shop.items.create({ name });
        const [read, ...written] = await Promise.all([
            tools.shop.items.get({ id: 7 }).then((item) => { console.log('read'); return item }),
            write('a'), write('b'), write('c').catch((error) => error.code)]);
        return [read.id, written.map((item) => item.name ?? item), Date.now() > 0, Math.random()]";
    let task = first.run(code).await;
    assert_eq!((task.summary.status, task.approvals.len()), (TaskStatus::Waiting, 3));
    assert_eq!((upstream.seen().len(), task.console.len()), (1, 1), "the free one went on");
    first.decide(&task.approvals[0], approve()).await;
    let after_one =
        first.workspace.wait(task.summary.id, Until::Stuck, Duration::from_secs(10)).await.unwrap();
    assert_eq!(after_one.approvals.len(), 2, "{after_one:?}");
    drop(first);

    let second = TestEngine::on(folder).await;
    let waiting = second.workspace.task(task.summary.id).await.unwrap();
    assert_eq!((waiting.summary.status, waiting.approvals.len()), (TaskStatus::Waiting, 2));
    let edited = json!({ "decision": "approve", "arguments": { "name": "edited" } });
    second.decide(&waiting.approvals[0], edited).await;
    second.decide(&waiting.approvals[1], json!({ "decision": "deny" })).await;
    let ended = second.end_of(&task).await;
    assert_eq!(ended.summary.status, TaskStatus::Completed, "{:?}", ended.error);
    let result = ended.result.unwrap();
    assert!(result.as_str().starts_with(r#"[7,["a","edited","approval_denied"],true,0."#), "{result:?}");
    let mut bodies: Vec<_> = upstream.seen().into_iter().map(|request| request.body).collect();
    bodies.sort();
    assert_eq!(bodies, ["", r#"{"name":"a"}"#, r#"{"name":"edited"}"#]);
    assert_eq!(ended.console.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn decisions_about_what_is_closed_or_not_ones_own_change_nothing() {
    let (engine, upstream) = with_shop().await;
    let member = engine.as_member(Role::Member).await;
    let task = member.submit(submission(CREATE)).await.unwrap();
    let approval = &task.approvals[0];
    assert!(!approval.may_decide);
    let refused = resolve(&member, approval, approve()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Forbidden, "a member's agent cannot approve what its member may not");

    let table = [
        (json!({ "decision": "approve", "arguments": { "nam": "x" } }), ErrorCode::InvalidArguments, "name"),
        (json!({ "decision": "deny", "arguments": { "name": "x" } }), ErrorCode::InvalidRequest, "arguments"),
    ];
    for (decision, code, named) in table {
        let failure = resolve(&engine.workspace, approval, decision).await.unwrap_err();
        assert_eq!(failure.code, code);
        assert!(failure.message.contains(named), "{failure:?}");
    }
    assert_eq!(engine.workspace.approval(approval.id).await.unwrap().status, ApprovalStatus::Open);

    engine.workspace.cancel(task.summary.id, Some("no need".to_owned())).await.unwrap();
    let closed = resolve(&engine.workspace, approval, approve()).await.unwrap_err();
    assert_eq!(closed.code, ErrorCode::ApprovalClosed);
    assert_eq!(engine.workspace.approval(approval.id).await.unwrap().status, ApprovalStatus::Withdrawn);
    let cancelled = engine.workspace.task(task.summary.id).await.unwrap();
    assert_eq!((cancelled.summary.status, cancelled.attempts), (TaskStatus::Cancelled, 2));

    let task = engine.run(CREATE).await;
    engine.decide(&task.approvals[0], approve()).await;
    let twice = resolve(&engine.workspace, &task.approvals[0], approve()).await.unwrap_err();
    assert_eq!(twice.code, ErrorCode::ApprovalClosed);
    engine.end_of(&task).await;
    assert_eq!(upstream.seen().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn todays_policy_and_todays_rights_decide_at_resume() {
    let (engine, upstream) = with_shop().await;
    let task = engine.run(CREATE).await;
    engine.add_rule(json!({ "tools": "shop.*", "effect": "deny" })).await;
    engine.decide(&task.approvals[0], approve()).await;
    let ended = engine.end_of(&task).await;
    assert_eq!(ended.error.unwrap().failure.code, ErrorCode::PolicyDenied);
    assert_eq!(engine.workspace.approval(task.approvals[0].id).await.unwrap().status, ApprovalStatus::Void);
    for rule in engine.workspace.rules().await.unwrap() {
        engine.workspace.remove_rule(rule.rule.id).await.unwrap();
    }

    // Whose task it is has no place here any more.
    let member = engine.as_member(Role::Member).await;
    let task = member.submit(submission(CREATE)).await.unwrap();
    let owner = engine.executor.local_owner(true).await.unwrap();
    let organization = engine.executor.organization(&owner).await.unwrap();
    organization.remove_member(task.summary.account).await.unwrap();
    engine.decide(&task.approvals[0], approve()).await;
    assert_eq!(engine.end_of(&task).await.error.unwrap().failure.code, ErrorCode::Forbidden);
    assert!(upstream.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_expires_as_a_denial_and_can_be_taken_back() {
    let upstream = Upstream::start().await;
    let settings = Settings { approval_lifetime_ms: 300, ..Settings::default() };
    let engine =
        TestEngine::with(Arc::new(TempDir::new().unwrap()), std::env::current_exe().unwrap(), settings).await;
    prepare(&engine, &upstream).await;
    let task = engine.run(CREATE).await;
    let failure = engine.end_of(&task).await.error.unwrap().failure;
    assert_eq!(failure.code, ErrorCode::ApprovalDenied);
    assert!(failure.message.contains("in time"), "{failure:?}");
    let late = resolve(&engine.workspace, &task.approvals[0], approve()).await.unwrap_err();
    assert!(late.code == ErrorCode::ApprovalClosed && late.message.contains("expired"), "{late:?}");

    let (engine, _upstream) = with_shop().await;
    let task = engine.run(CREATE).await;
    let taken_back = engine.workspace.withdraw_approval(task.approvals[0].id, None).await.unwrap();
    assert_eq!(taken_back.status, ApprovalStatus::Withdrawn);
    assert_eq!(engine.end_of(&task).await.summary.status, TaskStatus::Denied);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_can_count_for_the_task_or_become_a_rule() {
    let (engine, upstream) = with_shop().await;
    let code = "for (const name of ['a', 'b', 'c']) await tools.shop.items.create({ name }); return 'done'";
    let task = engine.run(code).await;
    engine.decide(&task.approvals[0], json!({ "decision": "approve", "remember": "task" })).await;
    assert_eq!(engine.end_of(&task).await.result.unwrap().as_str(), r#""done""#);
    assert_eq!(upstream.seen().len(), 3);
    let all = engine.workspace.approvals(None, Some(task.summary.id), &PageRequest::default()).await.unwrap();
    assert!(all.items.iter().all(|approval| approval.status == ApprovalStatus::Used));
    assert_eq!(all.items.len(), 3);

    let task = engine.run(CREATE).await;
    assert_eq!(task.approvals.len(), 1, "another task asks again");
    assert_eq!(task.approvals[0].proposed_rule.as_ref().unwrap().tools.as_str(), "shop.items.create");
    engine.decide(&task.approvals[0], json!({ "decision": "approve", "remember": "rule" })).await;
    engine.end_of(&task).await;
    assert_eq!(engine.run(CREATE).await.summary.status, TaskStatus::Completed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_ends_first_withdraws_what_it_asked_for() {
    let (engine, upstream) = with_shop().await;
    let code = "const asked = tools.shop.items.create({ name: 'late' });
        const timeout = new Promise((done) => setTimeout(() => done('too slow'), 50));
        return await Promise.race([asked, timeout])";
    let ended = engine.run(code).await;
    assert_eq!(ended.result.unwrap().as_str(), r#""too slow""#);
    assert_eq!(ended.warnings[0].code, "call_not_awaited");
    let approvals =
        engine.workspace.approvals(None, Some(ended.summary.id), &PageRequest::default()).await.unwrap();
    assert_eq!(approvals.items[0].status, ApprovalStatus::Withdrawn);
    assert_eq!(engine.workspace.calls(ended.summary.id).await.unwrap()[0].state, CallState::Withdrawn);
    assert!(upstream.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_distant_timer_costs_no_worker_and_still_fires() {
    let (engine, _upstream) = with_shop().await;
    let code = "const asked = tools.shop.items.create({ name: 'late' }).catch((error) => error.code);
        const timeout = new Promise((done) => setTimeout(() => done('too slow'), 11_000));
        return [await Promise.race([asked, timeout]), await asked]";
    let task = engine.run(code).await;
    assert_eq!(task.summary.status, TaskStatus::Waiting);
    tokio::time::sleep(Duration::from_secs(12)).await;
    let waiting = engine.workspace.wait(task.summary.id, Until::Stuck, Duration::from_secs(5)).await.unwrap();
    assert_eq!(
        (waiting.summary.status, waiting.attempts),
        (TaskStatus::Waiting, 2),
        "it woke and waits again"
    );
    engine.decide(&task.approvals[0], json!({ "decision": "deny" })).await;
    let ended = engine.end_of(&task).await;
    assert_eq!(ended.result.unwrap().as_str(), r#"["too slow","approval_denied"]"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_at_once_decide_once() {
    let (engine, upstream) = with_shop().await;
    let admin = engine.as_member(Role::Admin).await;
    for _ in 0..10 {
        let task = engine.run(CREATE).await;
        let approval = &task.approvals[0];
        let (one, other) = tokio::join!(
            resolve(&engine.workspace, approval, approve()),
            resolve(&admin, approval, json!({ "decision": "deny" }))
        );
        let decided: Vec<_> =
            [&one, &other].into_iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
        assert_eq!(decided.len(), 1, "{one:?} {other:?}");
        let approved = decided[0].votes[0].verdict == Verdict::Approve;
        let ended = engine.end_of(&task).await;
        assert_eq!(ended.summary.status == TaskStatus::Completed, approved);
        let expected = if approved { ApprovalStatus::Used } else { ApprovalStatus::Denied };
        assert_eq!(engine.workspace.approval(approval.id).await.unwrap().status, expected);
    }
    assert!(upstream.seen().len() <= 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_waits_too_long_ends() {
    const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
    let upstream = Upstream::start().await;
    let settings = Settings { approval_lifetime_ms: 60 * DAY_MS, ..Settings::default() };
    let program = std::env::current_exe().unwrap();
    let engine = TestEngine::with(Arc::new(TempDir::new().unwrap()), program, settings).await;
    prepare(&engine, &upstream).await;
    let task = engine.run(CREATE).await;
    engine.clock.put_forward(31 * DAY_MS);
    let ended = engine.end_of(&task).await;
    assert_eq!(ended.error.unwrap().failure.code, ErrorCode::TaskExpired);
    let approval = engine.workspace.approval(task.approvals[0].id).await.unwrap();
    assert_eq!(approval.status, ApprovalStatus::Withdrawn);
    assert!(upstream.seen().is_empty());
}

/// A task whose only write may have left before its process was gone.
async fn with_an_unknown_call(code: &str) -> (TestEngine, TaskView) {
    let folder = Arc::new(TempDir::new().unwrap());
    let first = TestEngine::on(folder.clone()).await;
    let upstream = silent_upstream_that_waits().await;
    first.add_shop(upstream).await;
    first.connect(json!({ "source": "shop", "method": "token", "values": { "token": "t" } })).await;
    first.allow("shop.*").await;
    let task = first.workspace.submit(Submission { wait_ms: None, ..submission(code) }).await.unwrap();
    let started = async {
        while first
            .workspace
            .calls(task.summary.id)
            .await
            .unwrap()
            .iter()
            .all(|call| call.started_at.is_none())
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), started).await.unwrap();
    first.executor.shutdown(Duration::ZERO).await;
    let second = TestEngine::on(folder).await;
    let task = second.workspace.wait(task.summary.id, Until::Stuck, Duration::from_secs(20)).await.unwrap();
    assert_eq!((task.summary.status, task.unknown_calls.len()), (TaskStatus::Waiting, 1), "{task:?}");
    (second, task)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_says_what_became_of_a_call_that_a_crash_left_unknown() {
    let code =
        "try { return await tools.shop.items.create({ name: 'lamp' }) } catch (error) { return error.code }";
    let cases = [
        (json!({ "outcome": "completed", "result": { "id": 7 } }), r#"{"id":7}"#, CallState::Completed),
        (
            json!({ "outcome": "failed", "reason": "it is not there" }),
            r#""upstream_error""#,
            CallState::Failed,
        ),
    ];
    for (resolution, result, state) in cases {
        let (engine, task) = with_an_unknown_call(code).await;
        let resolve = async |resolution: &Value| {
            let resolution = serde_json::from_value(resolution.clone()).unwrap();
            engine.workspace.resolve_call(task.summary.id, 1, resolution).await
        };
        let early = resolve(&resolution).await.unwrap_err();
        assert!(early.code == ErrorCode::CallNotUnknown && early.message.contains("under way"), "{early:?}");
        engine.clock.put_forward(61_000);
        resolve(&resolution).await.unwrap();
        let ended = engine.end_of(&task).await;
        assert_eq!((ended.summary.status, ended.result.unwrap().as_str()), (TaskStatus::Completed, result));
        assert_eq!(engine.workspace.calls(task.summary.id).await.unwrap()[0].state, state);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_of_the_code_is_answered_by_a_person() {
    let engine = TestEngine::new().await;
    let task = engine
        .run(
            "const name = await tools.executor.ask({ title: 'Which name?', details: 'Of the item.' });\n\
             const schema = { type: 'object', properties: { count: { type: 'integer' } }, required: ['count'] };\n\
             const { count } = await tools.executor.ask({ title: 'How many?', schema });\n\
             return await tools.executor.ask({ title: 'Sure?' }).catch((error) => [name, count, error.code]);",
        )
        .await;
    let [name] = task.approvals.as_slice() else { panic!("{task:?}") };
    assert_eq!((name.path.as_str(), name.line, name.request.is_none()), ("executor.ask", Some(1), true));
    assert_eq!(name.question.as_ref().unwrap().title, "Which name?");
    for (decision, code) in [
        (json!({ "decision": "approve" }), ErrorCode::InvalidRequest),
        (json!({ "decision": "approve", "answer": 7 }), ErrorCode::InvalidArguments),
        (json!({ "decision": "deny", "answer": "x" }), ErrorCode::InvalidRequest),
        (json!({ "decision": "approve", "answer": "x", "remember": "task" }), ErrorCode::InvalidRequest),
    ] {
        assert_eq!(resolve(&engine.workspace, name, decision).await.unwrap_err().code, code);
    }
    engine.decide(name, json!({ "decision": "approve", "answer": "lamp" })).await;
    let task = engine.workspace.wait(task.summary.id, Until::Stuck, Duration::from_secs(10)).await.unwrap();
    engine.decide(&task.approvals[0], json!({ "decision": "approve", "answer": { "count": 3 } })).await;
    let task = engine.workspace.wait(task.summary.id, Until::Stuck, Duration::from_secs(10)).await.unwrap();
    engine.decide(&task.approvals[0], json!({ "decision": "deny" })).await;
    let task = engine.end_of(&task).await;
    assert_eq!(task.result.unwrap().as_str(), r#"["lamp",3,"approval_denied"]"#);
    let asked = engine.workspace.approval(name.id).await.unwrap();
    assert_eq!(asked.status, ApprovalStatus::Used);
    // What is no question is the code's mistake.
    for wrong in ["{}", "{ title: '' }", "{ title: 'x', schema: 7 }", "{ title: 'x', more: 1 }"] {
        let task = engine.run(&format!("await tools.executor.ask({wrong})")).await;
        assert_eq!(task.error.unwrap().failure.code, ErrorCode::InvalidArguments, "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agent_itself_decides_only_where_a_rule_lets_it() {
    let (engine, upstream) = with_shop().await;
    let agent = engine.workspace.clone();
    let task = engine.run(CREATE).await;
    let refused = agent.resolve_approval_as_model(task.approvals[0].id, Verdict::Approve).await.unwrap_err();
    assert_eq!((refused.code, task.approvals[0].model_may_decide), (ErrorCode::Forbidden, false));
    let approvers = json!({ "roles": ["owner"], "modelMayApprove": true });
    engine.add_rule(json!({ "tools": "shop.*", "effect": "require_approval", "approvers": approvers })).await;
    let task = engine.run(CREATE).await;
    assert!(task.approvals[0].model_may_decide);
    agent.resolve_approval_as_model(task.approvals[0].id, Verdict::Approve).await.unwrap();
    assert_eq!(engine.end_of(&task).await.summary.status, TaskStatus::Completed);
    assert_eq!(upstream.seen().len(), 1);
}
