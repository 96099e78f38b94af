use executor_core::tool::SourceKind;
use executor_core::{AccountId, ErrorCode, OrganizationId, SourceId, TaskId, Timestamp, WorkspaceId};

use super::*;

const NASTY: &str = "<script>alert('x')</script>\"&";

fn id<T: serde::de::DeserializeOwned>(prefix: &str) -> T {
    serde_json::from_value(format!("{prefix}_{}1", "0".repeat(31)).into()).unwrap()
}

fn page(sections: Vec<Section>, problem: Option<Failure>) -> String {
    let mcp_url = "http://127.0.0.1:4788/mcp".to_owned();
    Content { mcp_url, version: "1.2.3", is_ready: true, has_session: false, sections, problem }.render()
}

fn section(sources: Vec<SourceView>, tasks: Vec<TaskSummary>) -> Section {
    let workspace = WorkspaceView {
        id: id(WorkspaceId::PREFIX),
        organization: id(OrganizationId::PREFIX),
        slug: "default".to_owned(),
        name: NASTY.to_owned(),
    };
    Section { workspace, sources, tasks, approvals: Vec::new() }
}

fn nasty_source() -> SourceView {
    SourceView {
        id: id(SourceId::PREFIX),
        name: NASTY.to_owned(),
        kind: SourceKind::Openapi,
        title: NASTY.to_owned(),
        url: None,
        base_url: None,
        version: None,
        tools: 1_223,
        skipped: Vec::new(),
        methods: Vec::new(),
        created_at: Timestamp::from_millis(0),
        refreshed_at: Timestamp::from_millis(0),
        trusted: false,
        next_refresh_at: None,
        refresh_failure: None,
        servers: Vec::new(),
        server: None,
        server_variables: std::collections::BTreeMap::new(),
        call_timeout_ms: None,
    }
}

fn nasty_task() -> TaskSummary {
    TaskSummary {
        id: id(TaskId::PREFIX),
        workspace: id(WorkspaceId::PREFIX),
        account: id(AccountId::PREFIX),
        client: Some(NASTY.to_owned()),
        status: TaskStatus::TimedOut,
        created_at: Timestamp::from_millis(1_000),
        started_at: None,
        ended_at: Some(Timestamp::from_millis(4_400)),
        title: NASTY.to_owned(),
        is_sensitive: false,
    }
}

#[test]
fn nothing_from_outside_becomes_markup() {
    let full = || section(vec![nasty_source()], vec![nasty_task()]);
    let text = page(vec![full(), full()], Some(Failure::new(ErrorCode::Internal, NASTY).with_hint(NASTY)));
    assert!(!text.contains("<script") && !text.contains("alert('x')"), "{text}");
    assert!(text.contains("&lt;script&gt;"));
}

#[test]
fn the_page_shows_sources_tasks_and_how_to_connect() {
    let text = page(vec![section(vec![nasty_source()], vec![nasty_task()])], None);
    for part in ["http://127.0.0.1:4788/mcp", "1223", "timed out", "1970-01-01 00:00:01", "3.4 s", "ready"] {
        assert!(text.contains(part), "{part}");
    }
}

#[test]
fn an_empty_page_says_what_to_do_first() {
    let text = page(vec![section(Vec::new(), Vec::new())], None);
    assert!(text.contains("No sources yet") && text.contains("No tasks yet"));
}
