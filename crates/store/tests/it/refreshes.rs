//! When sources are read again.

use executor_store::{Changed, Contents, Reread, Source};

use crate::catalog::{contents, source, tool};
use crate::stage::{NOW, Stage, json};
use crate::story::stories;

stories![
    a_source_is_given_to_one_reader_when_its_time_has_come,
    what_came_of_reading_it_again_is_kept,
    what_all_tools_share_comes_and_goes_with_the_source,
];

async fn due(stage: &Stage) -> Source {
    let due = Source { refresh_due_at: Some(NOW), ..source(stage, stage.tenant, "due") };
    let later = Source { refresh_due_at: Some(NOW.plus_millis(60)), ..source(stage, stage.tenant, "later") };
    for one in [&due, &later, &source(stage, stage.tenant, "never")] {
        let offered = contents(vec![tool("a")], vec![]);
        stage.store.add_source(one.clone(), offered, None, vec![stage.note()]).await.unwrap();
    }
    due
}

async fn a_source_is_given_to_one_reader_when_its_time_has_come(stage: Stage) {
    let due = due(&stage).await;
    let claim = |at: i64| stage.store.claim_refresh(NOW.plus_millis(at), NOW.plus_millis(at + 50));
    assert_eq!(claim(-1).await, Ok(None));
    let claimed = claim(0).await.unwrap().unwrap();
    assert_eq!((claimed.id, claimed.name.as_str()), (due.id, "due"));
    assert_eq!(claim(49).await, Ok(None), "somebody else has it");
    let (one, other) = tokio::join!(claim(55), claim(55));
    let names: Vec<_> =
        [one, other].into_iter().filter_map(Result::unwrap).map(|source| source.name).collect();
    assert_eq!(names, ["due"], "who has died leaves it to one other");
}

async fn what_came_of_reading_it_again_is_kept(stage: Stage) {
    let due = due(&stage).await;
    let (store, organization) = (&stage.store, due.organization);
    let settle = |reread, at| store.settle_refresh(organization, due.id, reread, at);
    let shown = async || {
        let all = store.sources(organization, stage.tenant.workspace).await.unwrap();
        all.into_iter().find(|source| source.id == due.id).unwrap()
    };
    settle(Reread::Failed { failure: json("{\"code\":1}") }, Some(NOW.plus_millis(9))).await.unwrap();
    let failed = shown().await;
    assert_eq!((failed.refresh_failure, failed.refreshed_at), (Some(json("{\"code\":1}")), NOW));
    assert_eq!(failed.refresh_due_at, Some(NOW.plus_millis(9)));
    settle(Reread::Unchanged { at: NOW.plus_millis(5), stale_at: None }, None).await.unwrap();
    let unchanged = shown().await;
    assert_eq!((unchanged.refresh_failure, unchanged.refreshed_at), (None, NOW.plus_millis(5)));
    assert_eq!((unchanged.refresh_due_at, unchanged.revision), (None, 0));

    let stranger = stage.another_tenant().await.organization;
    let foreign = store
        .settle_refresh(stranger, due.id, Reread::Unchanged { at: NOW, stale_at: None }, Some(NOW))
        .await;
    assert_eq!((foreign, shown().await.refresh_due_at), (Ok(()), None));

    store.make_due(due.url.as_deref().unwrap(), NOW).await.unwrap();
    assert_eq!(shown().await.refresh_due_at, None, "what is never read again is not read for that either");
}

async fn what_all_tools_share_comes_and_goes_with_the_source(stage: Stage) {
    let mut source = source(&stage, stage.tenant, "shop");
    let (store, organization, id) = (&stage.store, source.organization, source.id);
    let with = |context: Option<&str>| Contents { context: context.map(json), ..Contents::default() };
    store.add_source(source.clone(), with(Some("\"a\"")), None, vec![stage.note()]).await.unwrap();
    assert_eq!(store.source_context(organization, id).await, Ok(Some(json("\"a\""))));
    let stranger = stage.another_tenant().await.organization;
    assert_eq!(store.source_context(stranger, id).await, Ok(None));
    for (revision, context) in [(1, Some("\"b\"")), (2, None)] {
        source.revision = revision;
        store.refresh_source(source.clone(), with(context), Changed::default(), stage.note()).await.unwrap();
        assert_eq!(store.source_context(organization, id).await, Ok(context.map(json)));
    }
}
