//! Asking a server for all that it offers.

use executor_core::ErrorCode;
use executor_core::tool::SourceKind;
use executor_sources::Address;
use serde_json::json;

use super::fetch;
use super::mock::Mock;
use crate::support::kinds;

#[tokio::test]
async fn a_document_is_all_that_a_server_lists_in_canonical_order() {
    let (mock, kinds) = (Mock::start().await, kinds());
    let document = fetch(&kinds, &mock.address("paged")).await.unwrap();
    let tool = |name: &str| json!({ "name": name, "inputSchema": { "type": "object" } });
    let expected = json!({
        "mcp": {
            "address": mock.address("paged"),
            "protocolVersion": "2025-11-25",
            "serverInfo": { "name": "mock-mcp-server", "title": "Mock", "version": "1.2" },
            "instructions": "Be kind.",
        },
        "tools": [tool("echo"), tool("z1"), tool("z2"), tool("z3")],
        "prompts": [],
        "resources": [{ "uri": "a://b", "name": "b" }],
        "resourceTemplates": [],
    });
    assert_eq!(document, expected);
    let again = fetch(&kinds, &mock.address("paged")).await.unwrap();
    assert_eq!(document.to_string(), again.to_string());
}

#[tokio::test]
async fn one_bad_item_is_kept_for_the_import_to_judge() {
    let mock = Mock::start().await;
    let document = fetch(&kinds(), &mock.address("odd")).await.unwrap();
    assert_eq!(document["tools"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn an_address_without_a_usable_list_says_why() {
    let (mock, kinds) = (Mock::start().await, kinds());
    let table = [
        (mock.address("endless"), ErrorCode::DocumentTooLarge, "more than 100 pages"),
        (mock.address("circle"), ErrorCode::DocumentTooLarge, "in a circle"),
        (mock.address("crowd"), ErrorCode::DocumentTooLarge, "more than 10000 tools"),
        (mock.address("listless"), ErrorCode::SourceUnreachable, "no list"),
        (mock.address("no-list"), ErrorCode::DocumentUnreadable, "is no list"),
        (mock.address("locked"), ErrorCode::SourceSignInRequired, "401"),
        (mock.address("forbidden"), ErrorCode::SourceSignInRequired, "403"),
        (
            mock.address("page"),
            ErrorCode::SourceUnreachable,
            "does not speak MCP; it answered with text/html",
        ),
        ("http://127.0.0.1:1/mcp".to_owned(), ErrorCode::SourceUnreachable, "connection failed"),
        ("ftp://example.com".to_owned(), ErrorCode::SourceUnreachable, "neither an http"),
        ("stdio:".to_owned(), ErrorCode::SourceUnreachable, "no command"),
        ("stdio:'a".to_owned(), ErrorCode::SourceUnreachable, "quotation mark"),
        ("stdio:true".to_owned(), ErrorCode::SourceUnreachable, "Local programs are off here"),
    ];
    for (address, code, message) in table {
        let failure = fetch(&kinds, &address).await.unwrap_err();
        assert_eq!(failure.code, code, "{address}: {failure:?}");
        assert!(
            failure.message.to_lowercase().contains(&message.to_lowercase()),
            "{address}: {}",
            failure.message
        );
    }
}

#[tokio::test]
async fn an_address_is_found_to_be_a_server_by_itself() {
    let (mock, kinds) = (Mock::start().await, kinds());
    let address = mock.address("plain");
    let claimed = kinds.look(&Address::new(&address, &|_, _| ()), None).await.unwrap().unwrap();
    assert_eq!(claimed.kind.kind(), SourceKind::Mcp);
    assert_eq!(
        (claimed.detection.title.as_str(), claimed.detection.suggested_name.as_str()),
        ("Mock", "mock")
    );
    assert_eq!(claimed.detection.operations, 3);
}
