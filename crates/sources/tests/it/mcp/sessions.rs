//! Sessions: shared, reopened, and with the credential that is the newest.

use std::sync::atomic::Ordering;

use executor_core::ErrorCode;
use executor_egress::{Injection, Url};
use serde_json::json;

use super::mock::Mock;
use super::{Calling, connection, failure, value};
use crate::support::kinds;

#[tokio::test]
async fn calls_at_the_same_time_share_one_session() {
    let (mock, kinds) = (Mock::start().await, kinds());
    let address = mock.address("plain");
    let calling = Calling::new(&kinds, &address);
    let all = (0..50).map(|number| calling.tool("echo", json!({ "n": number })));
    let answers = futures::future::join_all(all).await;
    for (number, answer) in answers.into_iter().enumerate() {
        assert_eq!(value(answer), json!({ "n": number }));
    }
    assert_eq!((mock.sessions(), mock.calls()), (1, 50));
}

#[tokio::test]
async fn a_forgotten_session_is_opened_anew_and_the_call_made_once() {
    for what in ["plain", "forgetful"] {
        let (mock, kinds) = (Mock::start().await, kinds());
        let address = mock.address(what);
        let calling = Calling::new(&kinds, &address);
        value(calling.tool("echo", json!({})).await);
        mock.forgotten.store(1, Ordering::SeqCst);
        value(calling.tool("echo", json!({})).await);
        assert_eq!((mock.sessions(), mock.calls()), (2, 2), "{what}");
    }
}

#[tokio::test]
async fn a_server_that_forgets_each_session_is_left_in_peace_for_a_while() {
    let (mock, kinds) = (Mock::start().await, kinds());
    let address = mock.address("plain");
    mock.forgotten.store(u64::MAX, Ordering::SeqCst);
    let calling = Calling::new(&kinds, &address);
    let error = failure(calling.tool("echo", json!({})).await);
    assert_eq!(error.code, ErrorCode::UpstreamUnreachable, "{error:?}");
    let before = mock.sessions();
    let mut last = String::new();
    for _ in 0..10 {
        last = failure(calling.tool("echo", json!({})).await).message;
    }
    assert!(last.contains("tried again in"), "{last}");
    assert!(mock.sessions() - before <= 2, "{}", mock.sessions());
}

#[tokio::test]
async fn a_session_belongs_to_one_connection_and_sends_its_newest_secret() {
    let (mock, kinds) = (Mock::start().await, kinds());
    let address = mock.address("plain");
    for (number, token, sessions) in [(1, "old", 1), (1, "new", 1), (2, "other", 2)] {
        let injection = Injection::new(Url::parse(&address).unwrap().origin());
        let injection = injection.bearer(&token.to_owned().into()).unwrap();
        let calling = Calling::new(&kinds, &address);
        let calling = Calling { connection: connection(number), injection: Some(injection), ..calling };
        value(calling.tool("echo", json!({})).await);
        assert_eq!(mock.sessions(), sessions);
        assert_eq!(mock.tokens.lock().unwrap().last().unwrap(), &format!("Bearer {token}"));
    }
}
