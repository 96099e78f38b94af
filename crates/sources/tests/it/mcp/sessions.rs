//! Sessions: shared, reopened, and with the credential that is the newest.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use executor_core::ErrorCode;
use executor_egress::{Injection, Url};
use executor_sources::Performed;
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
    let mut resting = 0;
    for _ in 0..10 {
        let message = failure(calling.tool("echo", json!({})).await).message;
        resting += u64::from(message.contains("tried again in"));
    }
    assert!(resting > 5, "{resting}");
    assert!(mock.sessions() - before <= 10 - resting, "{}", mock.sessions());
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

/// Waits until a counter of the server's is as high as it should be.
async fn reaches(counter: &AtomicU64, wanted: u64) -> bool {
    for _ in 0..200 {
        if counter.load(Ordering::SeqCst) >= wanted {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

#[tokio::test]
async fn an_answer_that_nobody_waits_for_is_closed_and_the_session_kept() {
    let (mock, kinds) = (Mock::start().await, kinds());
    let address = mock.address("plain");
    let calling = Calling { timeout: Duration::from_millis(500), ..Calling::new(&kinds, &address) };
    assert!(matches!(calling.tool("hangs-in-events", json!({})).await, Performed::Unknown(_)));
    assert!(reaches(&mock.abandoned, 1).await);
    value(Calling::new(&kinds, &address).tool("echo", json!({})).await);
    assert_eq!(mock.sessions(), 1);
}

#[tokio::test]
async fn a_session_that_nobody_uses_is_closed() {
    let (mock, kinds) = (Mock::start().await, kinds());
    let address = mock.address("plain");
    value(Calling::new(&kinds, &address).tool("echo", json!({})).await);
    assert!(!reaches(&mock.ended, 1).await);
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(301)).await;
    tokio::time::resume();
    assert!(reaches(&mock.ended, 1).await);
    value(Calling::new(&kinds, &address).tool("echo", json!({})).await);
    assert_eq!(mock.sessions(), 2);
}

#[tokio::test]
async fn no_more_sessions_are_kept_than_may_be() {
    let (mock, kinds) = (Mock::start().await, kinds());
    let address = mock.address("plain");
    for number in 0..=256 {
        let calling = Calling { connection: connection(number), ..Calling::new(&kinds, &address) };
        value(calling.tool("echo", json!({})).await);
    }
    assert!(reaches(&mock.ended, 1).await);
    assert_eq!((mock.sessions(), mock.ended.load(Ordering::SeqCst)), (257, 1));
}
