//! Answers in pages: all items of them, whatever the API's habit.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{OriginalUri, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use executor_core::ErrorCode;
use serde_json::{Value, json};
use url::Url;

use crate::support::TestEngine;

/// There are seven things, and at most three on a page.
const THINGS: usize = 7;
const A_PAGE: usize = 3;

type Requests = Arc<Mutex<Vec<String>>>;

/// Each path pages in another way.
async fn answer(
    State(requests): State<Requests>,
    headers: HeaderMap,
    OriginalUri(uri): OriginalUri,
) -> Response {
    requests.lock().unwrap().push(uri.to_string());
    let host = headers["host"].to_str().unwrap();
    let url = Url::parse(&format!("http://{host}{uri}")).unwrap();
    let query =
        |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let number = |name: &str, default: usize| query(name).map_or(default, |text| text.parse().unwrap());
    let page = |start: usize| -> Vec<Value> {
        (start..THINGS.min(start + A_PAGE)).map(|id| json!({ "id": id, "kind": query("kind") })).collect()
    };
    let more = |start: usize| start + A_PAGE < THINGS;
    let start = number("at", 0);
    let next = format!("http://{host}{}?at={}&kind=odd", url.path(), start + A_PAGE);
    let body = match url.path() {
        "/link" | "/elsewhere" => {
            let next = if url.path() == "/elsewhere" { "http://127.0.0.1:1/link?at=3" } else { &next };
            let link = format!("<http://{host}/link?at=0>; rel=\"first\", <{next}>; rel=\"next\"");
            let link = more(start).then_some(("link", link));
            return (link.map(|link| [link]), axum::Json(page(start))).into_response();
        }
        "/linked" => json!({ "value": page(start), "@odata.nextLink": more(start).then_some(next) }),
        "/cursor" => {
            let start = number("page_token", 0);
            json!({ "things": page(start), "nextPageToken": more(start).then(|| (start + A_PAGE).to_string()) })
        }
        "/last" => {
            let start = query("starting_after").map_or(0, |id| id.parse::<usize>().unwrap() + 1);
            json!({ "object": "list", "data": page(start), "has_more": more(start) })
        }
        "/page" => json!({ "items": page((number("page", 1) - 1) * A_PAGE), "page": number("page", 1) }),
        "/offset" => json!({ "results": page(number("offset", 0)), "total": THINGS }),
        "/whole" => json!(page(0)),
        "/stuck" => json!({ "items": page(0), "next_cursor": "same" }),
        _ => json!({ "id": 1 }),
    };
    axum::Json(body).into_response()
}

async fn start() -> (TestEngine, Requests) {
    let requests = Requests::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().fallback(answer).with_state(requests.clone());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let mut paths = serde_json::Map::new();
    let ways = [
        ("link", "at"),
        ("elsewhere", "at"),
        ("linked", "at"),
        ("cursor", "page_token"),
        ("last", "starting_after"),
        ("page", "page"),
        ("offset", "offset"),
        ("whole", "at"),
        ("stuck", "cursor"),
        ("single", "page"),
    ];
    for (name, parameter) in ways {
        let parameters = [parameter, "kind"]
            .map(|name| json!({ "name": name, "in": "query", "schema": { "type": ["string", "integer"] } }));
        let operation = |id: &str| json!({ "operationId": id, "parameters": parameters, "responses": {} });
        paths.insert(
            format!("/{name}"),
            json!({ "get": operation(name), "post": operation(&format!("{name}Write")) }),
        );
    }
    let document = json!({
        "openapi": "3.1.0",
        "info": { "title": "Pages", "version": "1" },
        "servers": [{ "url": format!("http://{address}") }],
        "paths": paths,
    });
    let engine = TestEngine::new().await;
    engine.add_source(json!({ "name": "shop", "document": document.to_string() })).await.unwrap();
    engine.allow("*").await;
    (engine, requests)
}

fn all_of(tool: &str) -> String {
    format!(
        "const ids = []; for await (const one of tools.shop.{tool}({{ kind: 'odd' }}, {{ paginate: true }})) ids.push(one.id + one.kind); return ids.join()"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn code_iterates_over_all_pages() {
    let (engine, requests) = start().await;
    let whole = r#""0odd,1odd,2odd,3odd,4odd,5odd,6odd""#;
    let first = r#""0odd,1odd,2odd""#;
    // How many requests each takes: by number, only an empty page tells that the one before was the last.
    let cases = [
        ("link", whole, 3),
        ("linked", whole, 3),
        ("cursor", whole, 3),
        ("last", whole, 3),
        ("page", whole, 4),
        ("offset", whole, 3),
        ("whole", first, 1),
        // A link that leads to another server is not followed: no credential and no data go there.
        ("elsewhere", first, 1),
    ];
    for (tool, expected, count) in cases {
        requests.lock().unwrap().clear();
        let task = engine.run(&all_of(tool)).await;
        assert_eq!(task.result.as_ref().map(|result| result.as_str()), Some(expected), "{tool}: {task:?}");
        let seen = requests.lock().unwrap().clone();
        assert_eq!(seen.len(), count, "{tool}: {seen:?}");
        assert!(seen.iter().all(|uri| uri.matches("kind=odd").count() == 1), "{seen:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_pages_is_refused_with_a_way_out() {
    let (engine, _) = start().await;
    let cases = [
        ("single", ErrorCode::InvalidArguments, "is no list"),
        ("linkWrite", ErrorCode::InvalidArguments, "more than read"),
        ("stuck", ErrorCode::UpstreamInvalid, "the one that it has just given"),
    ];
    for (tool, code, part) in cases {
        let task = engine.run(&all_of(tool)).await;
        let error = task.error.unwrap().failure;
        assert_eq!(error.code, code, "{tool}: {error:?}");
        assert!(error.message.contains(part), "{tool}: {error:?}");
    }
}
