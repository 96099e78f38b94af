//! Toolkits of a workspace.

use executor_core::toolkit::Toolkit;
use executor_store::Error;

use crate::stage::{NOW, Stage};
use crate::story::stories;

stories![a_workspace_has_its_own_toolkits];

fn toolkit(slug: &str, pattern: &str) -> Toolkit {
    let (tools, connections) = (vec![pattern.parse().unwrap()], Vec::new());
    Toolkit { slug: slug.to_owned(), name: "A".to_owned(), tools, connections }
}

async fn a_workspace_has_its_own_toolkits(stage: Stage) {
    let (own, store) = (stage.tenant, &stage.store);
    let (organization, workspace) = (own.organization, own.workspace);
    let add = |toolkit| store.add_toolkit(organization, workspace, toolkit, NOW, stage.note());
    add(toolkit("b", "github.*")).await.unwrap();
    add(toolkit("a", "*")).await.unwrap();
    assert_eq!(add(toolkit("a", "x.*")).await, Err(Error::NameTaken));
    let other = stage.another_workspace("other").await.workspace;
    store.add_toolkit(organization, other, toolkit("a", "y.*"), NOW, stage.note()).await.unwrap();

    let connections = vec!["workspace/work".parse().unwrap()];
    let changed = Toolkit { connections, ..toolkit("a", "shop.items.*") };
    store.update_toolkit(organization, workspace, changed.clone(), stage.note()).await.unwrap();
    let expected = vec![changed, toolkit("b", "github.*")];
    assert_eq!(store.toolkits(organization, workspace).await, Ok(expected));
    assert_eq!(store.toolkits(organization, other).await, Ok(vec![toolkit("a", "y.*")]));

    let stranger = stage.another_tenant().await.organization;
    assert_eq!(store.toolkits(stranger, workspace).await, Ok(vec![]));
    let none = Err(Error::NotFound("toolkit"));
    assert_eq!(store.update_toolkit(stranger, workspace, toolkit("a", "*"), stage.note()).await, none);
    assert_eq!(store.remove_toolkit(stranger, workspace, "a".to_owned(), stage.note()).await, none);
    store.remove_toolkit(organization, workspace, "a".to_owned(), stage.note()).await.unwrap();
    assert_eq!(store.toolkits(organization, workspace).await, Ok(vec![toolkit("b", "github.*")]));
}
