//! Sources, their tools and the schemas that those share.

use executor_core::tool::{SharedSchema, SideEffect, SourceKind, Tool};
use executor_core::{Digest, SourceId};
use executor_store::{Changed, Contents, Error, Source, SourceVersion};

use crate::stage::{NOW, Stage, Tenant, json, new};
use crate::story::stories;

stories![
    a_tool_is_found_in_any_spelling,
    schemas_come_with_all_that_they_refer_to,
    tools_are_listed_in_pages,
    a_refresh_replaces_everything,
    a_name_is_taken_in_any_spelling,
    a_removed_source_takes_its_tools_along,
    what_a_search_needs_of_each_tool,
    a_large_source_is_stored_at_once,
];

pub(crate) fn source(stage: &Stage, tenant: Tenant, name: &str) -> Source {
    Source {
        id: new!(stage, SourceId),
        organization: tenant.organization,
        workspace: Some(tenant.workspace),
        name: name.to_owned(),
        kind: SourceKind::Openapi,
        title: "GitHub".to_owned(),
        description: "Issues and more.".to_owned(),
        url: Some("https://example.org/openapi.json".to_owned()),
        base_url: None,
        version: Some("1.0".to_owned()),
        document: Digest::of(b"document"),
        trusted: false,
        tool_count: 0,
        skipped: json("[]"),
        methods: json("[{\"name\": \"token\"}]"),
        created_at: NOW,
        refreshed_at: NOW,
        revision: 0,
        pinned_base_url: None,
        include: vec!["/repos".to_owned()],
        etag: None,
        reads_with: None,
        refresh_every_ms: None,
        refresh_due_at: None,
        refresh_failure: None,
        servers: json("[{\"url\": \"https://{region}.example.org\"}]"),
        server: Some(json("{\"variables\": {\"region\": \"eu\"}}")),
        call_timeout_ms: Some(5_000),
        stale_at: None,
    }
}

pub(crate) fn contents(tools: Vec<Tool>, schemas: Vec<SharedSchema>) -> Contents {
    Contents { tools, schemas, context: None }
}

pub(crate) fn tool(name: &str) -> Tool {
    Tool {
        name: name.to_owned(),
        summary: format!("Does {name}"),
        description: "At length.".to_owned(),
        deprecated: false,
        side_effect: SideEffect::Write,
        input: json(
            r##"{"type": "object", "properties": {"owner": {"type": "string"}, "issue": {"$ref": "#/$defs/a"}}}"##,
        ),
        output: Some(json("{}")),
        operation: json("{\"method\": \"POST\"}"),
    }
}

async fn a_tool_is_found_in_any_spelling(stage: Stage) {
    let source = source(&stage, stage.tenant, "github");
    stage
        .store
        .add_source(
            source.clone(),
            contents(vec![tool("issues.listForRepo")], vec![]),
            None,
            vec![stage.note()],
        )
        .await
        .unwrap();
    for spelling in ["issues.listForRepo", "issues.list_for_repo", "ISSUES.list-for-repo"] {
        let found = stage.store.tool(source.organization, source.id, spelling).await.unwrap().unwrap();
        assert_eq!((found.source, found.tool), (source.id, tool("issues.listForRepo")), "{spelling}");
    }
    assert_eq!(stage.store.tool(source.organization, source.id, "issues.list").await, Ok(None));
    let sources = stage.store.sources(stage.tenant.organization, stage.tenant.workspace).await.unwrap();
    assert_eq!(sources, [source]);
}

async fn schemas_come_with_all_that_they_refer_to(stage: Stage) {
    let source = source(&stage, stage.tenant, "github");
    let schema = |name: &str, text: &str| SharedSchema { name: name.to_owned(), schema: json(text) };
    let schemas = vec![
        schema("a", r##"{"items": {"$ref": "#/$defs/b"}}"##),
        schema("b", r##"{"anyOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/c"}]}"##),
        schema("c", "{}"),
        schema("d", "{}"),
    ];
    stage
        .store
        .add_source(source.clone(), contents(vec![tool("x")], schemas.clone()), None, vec![stage.note()])
        .await
        .unwrap();
    let found = stage
        .store
        .schemas(source.organization, source.id, vec!["a".to_owned(), "missing".to_owned()])
        .await
        .unwrap();
    assert_eq!(found.keys().collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(found["b"], schemas[1].schema);
}

async fn tools_are_listed_in_pages(stage: Stage) {
    let source = source(&stage, stage.tenant, "github");
    let names: Vec<_> = (0..25).map(|n| format!("group.tool{n:02}")).collect();
    let tools = names.iter().rev().map(|name| tool(name)).collect();
    stage.store.add_source(source.clone(), contents(tools, vec![]), None, vec![stage.note()]).await.unwrap();
    let mut seen: Vec<String> = Vec::new();
    loop {
        let page = stage
            .store
            .tools(source.organization, source.id, seen.last().map(String::as_str), 10)
            .await
            .unwrap();
        if page.is_empty() {
            break;
        }
        seen.extend(page.into_iter().map(|stored| stored.tool.name));
    }
    assert_eq!(seen, names);
}

async fn a_refresh_replaces_everything(stage: Stage) {
    let mut source = source(&stage, stage.tenant, "github");
    let schema = |name: &str| SharedSchema { name: name.to_owned(), schema: json("{}") };
    let store = &stage.store;
    store
        .add_source(
            source.clone(),
            contents(vec![tool("a"), tool("b")], vec![schema("a")]),
            None,
            vec![stage.note()],
        )
        .await
        .unwrap();
    source.title = "GitHub, again".to_owned();
    source.refreshed_at = NOW.plus_millis(1);
    let refresh = |source: &Source| {
        let (tools, schemas) = (vec![tool("b"), tool("c")], vec![schema("b")]);
        store.refresh_source(source.clone(), contents(tools, schemas), Changed::default(), stage.note())
    };
    assert_eq!(refresh(&source).await, Err(Error::Changed), "the revision is that which is there");
    source.revision = 1;
    refresh(&source).await.unwrap();
    let tools = store.tools(source.organization, source.id, None, 10).await.unwrap();
    assert_eq!(tools.into_iter().map(|stored| stored.tool.name).collect::<Vec<_>>(), ["b", "c"]);
    let schemas =
        store.schemas(source.organization, source.id, vec!["a".to_owned(), "b".to_owned()]).await.unwrap();
    assert_eq!(schemas.keys().collect::<Vec<_>>(), ["b"]);
    assert_eq!(store.sources(stage.tenant.organization, stage.tenant.workspace).await, Ok(vec![source]));
}

async fn a_name_is_taken_in_any_spelling(stage: Stage) {
    let other = stage.another_workspace("other").await;
    let put =
        |source| stage.store.add_source(source, contents(vec![tool("a")], vec![]), None, vec![stage.note()]);
    assert_eq!(put(source(&stage, stage.tenant, "git_hub")).await, Ok(()));
    assert_eq!(put(source(&stage, stage.tenant, "GitHub")).await, Err(Error::NameTaken));
    assert_eq!(put(source(&stage, other, "GitHub")).await, Ok(()));
    let shared = Source { workspace: None, ..source(&stage, stage.tenant, "GitHub") };
    assert_eq!(put(shared).await, Ok(()), "the organization is an owner of its own");
}

async fn a_removed_source_takes_its_tools_along(stage: Stage) {
    let source = source(&stage, stage.tenant, "github");
    stage
        .store
        .add_source(source.clone(), contents(vec![tool("a")], vec![]), None, vec![stage.note()])
        .await
        .unwrap();
    stage.store.remove_source(stage.tenant.organization, source.id, stage.note()).await.unwrap();
    assert_eq!(stage.store.tool(source.organization, source.id, "a").await, Ok(None));
    let again = stage.store.remove_source(stage.tenant.organization, source.id, stage.note()).await;
    assert_eq!(again, Err(Error::NotFound("source")));
}

async fn what_a_search_needs_of_each_tool(stage: Stage) {
    let source = source(&stage, stage.tenant, "github");
    let old = Tool { deprecated: true, side_effect: SideEffect::None, input: json("true"), ..tool("old") };
    stage
        .store
        .add_source(source.clone(), contents(vec![tool("new"), old], vec![]), None, vec![stage.note()])
        .await
        .unwrap();
    let words = stage.store.tool_words(source.organization, source.id).await.unwrap();
    assert_eq!(words.len(), 2);
    assert_eq!((words[0].name.as_str(), words[0].summary.as_str()), ("new", "Does new"));
    assert_eq!(
        (words[0].description.as_str(), &words[0].parameters[..]),
        ("At length.", &["owner", "issue"].map(str::to_owned)[..])
    );
    assert!(words[1].deprecated && words[1].parameters.is_empty());
    assert_eq!(words[1].side_effect, SideEffect::None);
    assert_eq!(stage.store.all_sources().await, Ok(vec![SourceVersion::from(&source)]));
}

async fn a_large_source_is_stored_at_once(stage: Stage) {
    let source = source(&stage, stage.tenant, "graph");
    let tools = (0..4_321).map(|n| tool(&format!("group{}.tool{n}", n % 50))).collect();
    let schemas =
        (0..2_345).map(|n| SharedSchema { name: format!("schema{n}"), schema: json("{}") }).collect();
    stage.store.add_source(source.clone(), contents(tools, schemas), None, vec![stage.note()]).await.unwrap();
    assert_eq!(stage.store.tool_words(source.organization, source.id).await.unwrap().len(), 4_321);
    let names = (0..2_345).map(|n| format!("schema{n}")).collect();
    assert_eq!(stage.store.schemas(source.organization, source.id, names).await.unwrap().len(), 2_345);
}
