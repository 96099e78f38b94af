//! What comes of a call, however the server answers it.

use std::time::Duration;

use executor_core::ErrorCode;
use executor_core::tool::SideEffect;
use executor_sources::{Payload, Performed};
use serde_json::{Value, json};

use super::mock::Mock;
use super::{Calling, failure, payload, value};
use crate::support::kinds;

#[tokio::test]
async fn a_result_is_its_data_its_text_or_its_file() {
    let (mock, kinds) = (Mock::start().await, kinds());
    let address = mock.address("plain");
    let calling = Calling::new(&kinds, &address);
    let table = [
        ("echo", json!({ "b": [1.5, "é"], "a": null })),
        ("text", json!("{\"a\": 1}")),
        ("events", json!("at last")),
        ("future", json!({ "type": "hologram", "data": 1 })),
        ("not-base64", json!({ "type": "image", "mimeType": "image/png", "data": "%" })),
        (
            "several",
            json!([
                "one",
                { "type": "image", "mimeType": "image/png", "data": "AAEC" },
                { "type": "resource", "uri": "a://b/c.bin", "mimeType": "x/y", "data": "AAEC" },
                { "type": "resource_link", "uri": "a://b", "name": "b" },
            ]),
        ),
    ];
    for (name, expected) in table {
        let given = json!({ "b": [1.5, "é"], "a": null });
        assert_eq!(value(calling.tool(name, given).await), expected, "{name}");
    }
    assert_eq!(payload(calling.tool("none", json!({})).await), Payload::Empty);
    for (name, file, mime_type) in
        [("image", "image.png", "image/png"), ("blob", "c.bin", "application/octet-stream")]
    {
        let expected =
            Payload::Binary { bytes: vec![0, 1, 2].into(), mime_type: mime_type.into(), name: file.into() };
        assert_eq!(payload(calling.tool(name, json!({})).await), expected, "{name}");
    }
    assert_eq!(mock.sessions(), 1, "one session for all of them");
}

#[tokio::test]
async fn what_the_server_says_failed_has_failed() {
    let (mock, kinds) = (Mock::start().await, kinds());
    let address = mock.address("plain");
    let calling = Calling::new(&kinds, &address);
    let table = [
        ("fails", json!({}), ErrorCode::UpstreamError, None, "it broke"),
        ("fails-mute", json!({}), ErrorCode::UpstreamError, None, "not why"),
        ("no-object", json!({}), ErrorCode::UpstreamInvalid, None, "no result"),
        ("odd-type", json!({}), ErrorCode::UpstreamInvalid, None, "`parcel`"),
        ("asks", json!({}), ErrorCode::UpstreamInvalid, None, "of another version than it speaks"),
        ("missing", json!({}), ErrorCode::UpstreamError, None, "Unknown tool: missing"),
        ("rpc-error", json!({}), ErrorCode::UpstreamError, None, "internal trouble"),
        ("status", json!({ "status": 401 }), ErrorCode::UpstreamError, Some(401), "status 401"),
        ("status", json!({ "status": 403 }), ErrorCode::UpstreamError, Some(403), "status 403"),
        ("status", json!({ "status": 429 }), ErrorCode::UpstreamError, Some(429), "status 429"),
        ("status", json!({ "status": 500 }), ErrorCode::UpstreamError, Some(500), "status 500"),
        ("huge", json!({}), ErrorCode::ResultTooLarge, None, "16 MiB"),
        ("huge-in-events", json!({}), ErrorCode::ResultTooLarge, None, "16 MiB"),
        ("flood", json!({}), ErrorCode::ResultTooLarge, None, "16 MiB"),
    ];
    for (name, given, code, status, message) in table {
        let error = failure(calling.tool(name, given.clone()).await);
        assert_eq!((error.code, error.status), (code, status), "{name} {given}: {error:?}");
        assert!(error.message.contains(message), "{name}: {}", error.message);
    }
    let details: Value = failure(calling.tool("fails", json!({})).await).details.unwrap().read().unwrap();
    assert_eq!(details[1]["text"], "badly");
    assert!(failure(calling.tool("missing", json!({})).await).hint.unwrap().contains("refresh"));
}

#[tokio::test]
async fn what_may_have_happened_is_never_called_failed() {
    let (mock, kinds) = (Mock::start().await, kinds());
    let address = mock.address("plain");
    let table = [
        ("hangs", ErrorCode::UpstreamTimeout),
        ("hangs-in-events", ErrorCode::UpstreamTimeout),
        ("breaks-off", ErrorCode::UpstreamInvalid),
        ("crashes", ErrorCode::UpstreamInvalid),
        ("other-id", ErrorCode::UpstreamInvalid),
        ("other-id-in-events", ErrorCode::UpstreamInvalid),
        ("no-message", ErrorCode::UpstreamInvalid),
        ("page", ErrorCode::UpstreamInvalid),
    ];
    for (name, code) in table {
        let timeout = Duration::from_millis(if name.starts_with("hangs") { 700 } else { 20_000 });
        let reading = Calling { side_effect: SideEffect::None, timeout, ..Calling::new(&kinds, &address) };
        let error = failure(reading.tool(name, json!({})).await);
        assert_eq!(error.code, code, "{name}: {error:?}");
        let writing = Calling { timeout, ..Calling::new(&kinds, &address) };
        match writing.tool(name, json!({})).await {
            Performed::Unknown(error) => assert_eq!(error.code, ErrorCode::OutcomeUnknown, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    assert_eq!(mock.calls(), 16, "each was sent once");
    assert_eq!(value(Calling::new(&kinds, &address).tool("text", json!({})).await), "{\"a\": 1}");
}

#[tokio::test]
async fn a_server_that_is_down_is_down_and_one_that_refuses_refuses() {
    let (mock, kinds) = (Mock::start().await, kinds());
    let table = [
        ("http://127.0.0.1:1/mcp".to_owned(), ErrorCode::UpstreamUnreachable, None, "is down"),
        (mock.address("locked"), ErrorCode::UpstreamError, Some(401), "refused the credential"),
        (mock.address("forbidden"), ErrorCode::UpstreamError, Some(403), "refused the credential"),
        (mock.address("broken"), ErrorCode::UpstreamUnreachable, None, "status 500"),
        (mock.address("unwilling"), ErrorCode::UpstreamError, None, "not today"),
        ("stdio:true".to_owned(), ErrorCode::UpstreamUnreachable, None, "Local programs are off here"),
    ];
    for (address, code, status, message) in table {
        // However often it is asked: what failed is told again while it is left in peace.
        for _ in 0..4 {
            let error = failure(Calling::new(&kinds, &address).tool("echo", json!({})).await);
            assert_eq!((error.code, error.status), (code, status), "{address}: {error:?}");
            assert!(error.message.contains(message), "{address}: {}", error.message);
            let is_left_in_peace = error.message.contains("tried again in");
            assert!(
                !is_left_in_peace || code == ErrorCode::UpstreamUnreachable,
                "{address}: {}",
                error.message
            );
        }
    }
    assert_eq!(mock.calls(), 0);
}
