//! States of requests in several rounds count once.

use executor_core::Timestamp;
use futures::future::join_all;

use crate::stage::Stage;
use crate::story::stories;

stories![a_state_comes_back_once, a_state_that_is_over_is_forgotten];

const NOW: Timestamp = Timestamp::from_millis(1_000);
const LATER: Timestamp = Timestamp::from_millis(2_000);

async fn a_state_comes_back_once(stage: Stage) {
    let organization = stage.tenant.organization;
    let uses = (0..8).map(|_| stage.store.use_request_state(organization, "one".to_owned(), LATER, NOW));
    let first = join_all(uses).await.into_iter().filter(|used| *used.as_ref().unwrap()).count();
    assert_eq!(first, 1);
    assert!(stage.store.use_request_state(organization, "two".to_owned(), LATER, NOW).await.unwrap());
    let other = stage.another_tenant().await.organization;
    assert!(stage.store.use_request_state(other, "one".to_owned(), LATER, NOW).await.unwrap());
}

async fn a_state_that_is_over_is_forgotten(stage: Stage) {
    let organization = stage.tenant.organization;
    let after = LATER.plus_millis(1);
    for now in [NOW, after] {
        assert!(stage.store.use_request_state(organization, "one".to_owned(), LATER, now).await.unwrap());
    }
}
