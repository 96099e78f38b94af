//! What became of tools since they were accepted.

use executor_core::review::{Difference, ToolChange, ToolPart};
use executor_store::{Changed, Error, StoredChange, ToolAlias};

use crate::catalog::{contents, source, tool};
use crate::stage::{NOW, Stage, json};
use crate::story::stories;

stories![
    a_changed_tool_comes_with_its_change_until_it_is_accepted,
    nobody_accepts_what_they_have_not_seen_nor_what_is_anothers,
    an_old_path_leads_to_its_tool_until_its_time_is_up,
];

fn of(changes: Vec<StoredChange>) -> Changed {
    Changed { changes, ..Changed::default() }
}

fn changed(name: &str) -> StoredChange {
    let (before, after) = ("GET".to_owned(), "POST".to_owned());
    let differences = vec![Difference { part: ToolPart::Method, before, after }];
    let change = ToolChange::Changed { differences };
    StoredChange { name: name.to_owned(), change, accepted: Some(json("{\"a\":1}")), since: NOW }
}

fn added(name: &str) -> StoredChange {
    StoredChange { name: name.to_owned(), change: ToolChange::Added, accepted: None, since: NOW }
}

async fn a_changed_tool_comes_with_its_change_until_it_is_accepted(stage: Stage) {
    let mut source = source(&stage, stage.tenant, "github");
    let (store, organization, id) = (&stage.store, source.organization, source.id);
    let tools = || ["a.one", "b", "c"].map(tool).to_vec();
    store.add_source(source.clone(), contents(tools(), vec![]), None, vec![stage.note()]).await.unwrap();
    assert_eq!(store.tool_changes(organization, id).await, Ok(vec![]));

    source.revision = 1;
    let changes = vec![changed("a.one"), added("b")];
    store
        .refresh_source(source.clone(), contents(tools(), vec![]), of(changes.clone()), stage.note())
        .await
        .unwrap();
    assert_eq!(store.tool_changes(organization, id).await, Ok(changes));
    let stored = store.tool(organization, id, "A.One").await.unwrap().unwrap();
    assert_eq!(stored.change, Some(changed("a.one").change));
    let listed = store.tools(organization, id, None, 10).await.unwrap();
    assert_eq!(listed.iter().map(|tool| tool.change.is_some()).collect::<Vec<_>>(), [true, true, false]);

    let names = Some(vec!["a.ONE".to_owned()]);
    store.accept_tools(organization, id, names, 1, stage.note()).await.unwrap();
    assert_eq!(store.tool_changes(organization, id).await, Ok(vec![added("b")]));
    assert_eq!(store.tool(organization, id, "a.one").await.unwrap().unwrap().change, None);
    store.accept_tools(organization, id, None, 2, stage.note()).await.unwrap();
    assert_eq!(store.tool_changes(organization, id).await, Ok(vec![]));
    let sources = store.sources(organization, stage.tenant.workspace).await.unwrap();
    assert_eq!(sources[0].revision, 3, "each of it was a change");
}

async fn nobody_accepts_what_they_have_not_seen_nor_what_is_anothers(stage: Stage) {
    let mut source = source(&stage, stage.tenant, "github");
    let (store, organization, id) = (&stage.store, source.organization, source.id);
    store
        .add_source(source.clone(), contents(vec![tool("a")], vec![]), None, vec![stage.note()])
        .await
        .unwrap();
    source.revision = 1;
    let refreshed =
        store.refresh_source(source, contents(vec![tool("a")], vec![]), of(vec![added("a")]), stage.note());
    refreshed.await.unwrap();
    let seen_before = store.accept_tools(organization, id, None, 0, stage.note()).await;
    assert_eq!(seen_before, Err(Error::Changed));

    let stranger = stage.another_tenant().await.organization;
    let foreign = store.accept_tools(stranger, id, None, 1, stage.note()).await;
    assert_eq!(foreign, Err(Error::NotFound("source")));
    assert_eq!(store.tool_changes(stranger, id).await, Ok(vec![]));
    assert_eq!(store.tool_changes(organization, id).await, Ok(vec![added("a")]));

    store.remove_source(organization, id, stage.note()).await.unwrap();
    assert_eq!(store.tool_changes(organization, id).await, Ok(vec![]));
}

async fn an_old_path_leads_to_its_tool_until_its_time_is_up(stage: Stage) {
    let mut source = source(&stage, stage.tenant, "github");
    let (store, organization, id) = (&stage.store, source.organization, source.id);
    store.add_source(source.clone(), contents(vec![], vec![]), None, vec![stage.note()]).await.unwrap();
    let stranger = stage.another_tenant().await.organization;
    let until = NOW.plus_millis(10);
    let alias = ToolAlias { source: id, name: "a.Old".to_owned(), target: "a.new".to_owned(), until };
    for aliases in [vec![alias.clone()], vec![]] {
        source.revision += 1;
        let changed = Changed { aliases: aliases.clone(), ..Changed::default() };
        store
            .refresh_source(source.clone(), contents(vec![tool("a.new")], vec![]), changed, stage.note())
            .await
            .unwrap();
        let found = store.tool_alias(organization, id, "A.o_l-d", NOW).await;
        assert_eq!(found, Ok(aliases.first().cloned()));
        assert_eq!(store.tool_alias(organization, id, "a.old", until).await, Ok(None), "its time is up");
        assert_eq!(store.tool_alias(stranger, id, "a.old", NOW).await, Ok(None));
        assert_eq!(store.tool_aliases(organization, Some(id), NOW).await, Ok(aliases.clone()));
        assert_eq!(store.tool_aliases(organization, None, NOW).await, Ok(aliases));
        assert_eq!(store.tool_aliases(organization, None, until).await, Ok(vec![]));
    }
}
