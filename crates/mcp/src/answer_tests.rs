use executor_core::journal::{ConsoleLine, Emitted};
use executor_core::task::{Location, Warning, WriteDone};
use executor_core::{Json, Timestamp};
use executor_engine::TaskSummary;
use serde_json::json;

use super::*;

const LINK: &str = "http://127.0.0.1:4788/api/v1/workspaces/wsp/tasks/tsk";

fn task(status: TaskStatus, result: Option<Value>) -> TaskView {
    let id = |prefix: &str| format!("{prefix}_{}", "0".repeat(31) + "1");
    TaskView {
        summary: TaskSummary {
            id: id("tsk").parse().unwrap(),
            workspace: serde_json::from_value(json!(id(executor_core::WorkspaceId::PREFIX))).unwrap(),
            account: serde_json::from_value(json!(id(executor_core::AccountId::PREFIX))).unwrap(),
            client: None,
            status,
            created_at: Timestamp::from_millis(0),
            started_at: None,
            ended_at: None,
            is_sensitive: false,
            title: String::new(),
        },
        code: String::new(),
        attempts: 1,
        metadata: None,
        result: result.as_ref().map(Json::from),
        error: None,
        warnings: Vec::new(),
        console: Vec::new(),
        emitted: Vec::new(),
        approvals: Vec::new(),
        unknown_calls: Vec::new(),
        next: None,
    }
}

fn text_of(result: &CallToolResult) -> String {
    serde_json::to_value(result).unwrap()["content"][0]["text"].as_str().unwrap().to_owned()
}

#[test]
fn a_completed_task_shows_its_result_its_output_and_its_warnings() {
    let mut ended = task(TaskStatus::Completed, Some(json!({"n": 2})));
    ended.emitted = vec![Emitted { item: 1, value: Json::from(&json!("Hello.")) }];
    ended.console = vec![ConsoleLine { line: 1, level: ConsoleLevel::Warn, text: "careful".to_owned() }];
    ended.warnings = vec![Warning { code: "w".to_owned(), call: None, message: "Mind this.".to_owned() }];
    let answer = of_task(&ended, LINK);
    assert_eq!(answer.is_error, Some(false));
    let data = answer.structured_content.clone().unwrap();
    assert_eq!((&data["status"], &data["result"]), (&json!("completed"), &json!({"n": 2})));
    let text = text_of(&answer);
    for part in ["\"n\": 2", "Emitted:\nHello.", "Console:\nwarning: careful", "- Mind this."] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn a_failed_task_is_an_error_that_lists_what_was_done() {
    let mut ended = task(TaskStatus::Failed, None);
    let mut error = TaskError::from(Failure::new(ErrorCode::UncaughtError, "x is not a function"));
    error.name = Some("TypeError".to_owned());
    error.location = Some(Location { line: 3, column: 1 });
    error.writes_done =
        vec![WriteDone { call: 2, path: "a.create".to_owned(), outcome: "completed".to_owned() }];
    ended.error = Some(error);
    let answer = of_task(&ended, LINK);
    assert_eq!(answer.is_error, Some(true));
    let text = text_of(&answer);
    assert!(text.contains("TypeError: x is not a function (uncaught_error, line 3)"), "{text}");
    assert!(text.contains("call 2, a.create: completed"), "{text}");
}

#[test]
fn a_task_that_goes_on_says_how_to_get_its_result() {
    let mut running = task(TaskStatus::Queued, None);
    running.next = Some("Call `resume`.".to_owned());
    let answer = of_task(&running, LINK);
    let data = answer.structured_content.unwrap();
    assert_eq!((&data["status"], &data["next"]), (&json!("running"), &json!("Call `resume`.")));
    assert_eq!((answer.is_error, data.get("result")), (Some(false), None));
}

#[test]
fn a_long_result_is_shortened_and_says_where_all_of_it_is() {
    let answer = of_task(&task(TaskStatus::Completed, Some(json!("é".repeat(30_000)))), LINK);
    let text = text_of(&answer);
    assert!(text.ends_with(LINK) && text.chars().count() < 25_300);
    let data = answer.structured_content.unwrap();
    assert_eq!((&data["resultShortened"], data.get("result")), (&json!(true), None));
}

#[test]
fn what_waits_for_a_person_names_the_page_where_they_decide() {
    let id = |prefix: &str| json!(format!("{prefix}_{}", "0".repeat(31) + "1"));
    let text = "apr_".to_owned() + &"0".repeat(31) + "1";
    let approval = ApprovalView {
        id: text.parse().unwrap(),
        url: format!("http://localhost:4788/approvals/{text}"),
        workspace: serde_json::from_value(id(executor_core::WorkspaceId::PREFIX)).unwrap(),
        task: serde_json::from_value(id("tsk")).unwrap(),
        call: 1,
        submitter: serde_json::from_value(id(executor_core::AccountId::PREFIX)).unwrap(),
        status: executor_core::approval::ApprovalStatus::Open,
        path: serde_json::from_value(json!("items.create")).unwrap(),
        origin: "https://api.example.com".to_owned(),
        connection: None,
        arguments: Json::empty_object(),
        request: serde_json::from_value(json!({"method": "POST", "url": "https://api.example.com/items"}))
            .unwrap(),
        reason: "It writes.".to_owned(),
        rule: None,
        approvers: Vec::new(),
        votes: Vec::new(),
        model_may_decide: false,
        question: None,
        may_decide: false,
        line: None,
        created_at: Timestamp::from_millis(0),
        expires_at: Timestamp::from_millis(1),
        decided_at: None,
        proposed_rule: serde_json::from_value(json!({"tools": "items.create", "effect": "allow"})).unwrap(),
        code: None,
        done_so_far: None,
    };
    let waiting = TaskView { approvals: vec![approval], ..task(TaskStatus::Waiting, None) };
    let answer = of_task(&waiting, LINK);
    let page = format!("http://127.0.0.1:4788/approvals/{text}");
    assert!(text_of(&answer).contains(&page), "{}", text_of(&answer));
    assert_eq!(answer.structured_content.unwrap()["approvals"][0]["url"], page);
}
