//! Files that one call gives and another one sends.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use executor_core::id::RandomIds;
use executor_core::task::TaskStatus;
use executor_core::{ErrorCode, Timestamp, WorkspaceId};
use executor_store::Blobs;
use serde_json::{Value, json};

use crate::support::TestEngine;

const PICTURE: &[u8] = &[0, 159, 255, 13, 10, 45, 45, 0];

/// The content type and the body of each request that brought one.
type Seen = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

async fn answer(State(seen): State<Seen>, request: Request) -> axum::response::Response {
    if request.method() == "GET" {
        let headers =
            [(CONTENT_TYPE, "image/png"), (CONTENT_DISPOSITION, "attachment; filename=\"cat.png\"")];
        return (headers, PICTURE).into_response();
    }
    let content_type = request.headers()[CONTENT_TYPE].to_str().unwrap().to_owned();
    let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
    seen.lock().unwrap().push((content_type, body.to_vec()));
    axum::Json(json!({ "ok": true })).into_response()
}

async fn with_album() -> (TestEngine, Seen) {
    let (engine, seen) = (TestEngine::new().await, Seen::default());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().fallback(answer).with_state(seen.clone());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let binary = json!({ "type": "string", "format": "binary" });
    let encoded = json!({ "type": "string", "contentMediaType": "image/png", "contentEncoding": "base64" });
    let put = |id: &str, content: Value| {
        json!({ "post": {
            "operationId": id, "requestBody": { "required": true, "content": content },
            "responses": { "200": { "description": "", "content": { "application/json": {} } } },
        } })
    };
    let document = json!({
        "openapi": "3.1.0", "info": { "title": "Album", "version": "1" },
        "servers": [{ "url": format!("http://{address}") }],
        "paths": {
            "/picture": { "get": { "operationId": "get", "responses": { "200": {
                "description": "", "content": { "image/png": { "schema": binary } } } } } },
            "/form": put("form", json!({ "multipart/form-data": { "schema": { "type": "object",
                "required": ["file"],
                "properties": { "title": { "type": "string" }, "file": binary, "thumb": encoded,
                    "more": { "type": "array", "items": binary } } } } })),
            "/raw": put("raw", json!({ "application/octet-stream": {} })),
            "/encoded": put("encoded", json!({ "image/png": { "schema": encoded } })),
        },
    });
    let source = json!({ "name": "album", "document": document.to_string() });
    engine.add_source(source).await.unwrap();
    (engine, seen)
}

/// A multipart body without its boundary.
fn parts((content_type, body): &(String, Vec<u8>)) -> Vec<u8> {
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").expect(content_type);
    let (border, mut rest) = (format!("--{boundary}"), body.as_slice());
    let mut parts = Vec::new();
    while let Some(at) = rest.windows(border.len()).position(|window| window == border.as_bytes()) {
        parts.extend_from_slice(&rest[..at]);
        rest = &rest[at + border.len()..];
    }
    parts
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_a_call_gave_is_sent_by_another() {
    let (engine, seen) = with_album().await;
    engine.allow("album.*").await;
    let code = "const file = await tools.album.get();
        await tools.album.form({ title: 'Cat', file, thumb: file, more: [file, { name: 'a.txt', text: 'hi' }] });
        await tools.album.raw({ body: { blob: file.blob } });
        await tools.album.encoded({ body: file });
        return file";
    let task = engine.run(code).await;
    assert_eq!(task.summary.status, TaskStatus::Completed, "{:?}", task.error);
    let file: Value = task.result.unwrap().read().unwrap();
    assert_eq!((&file["name"], &file["size"]), (&json!("cat.png"), &json!(PICTURE.len())));

    let seen = seen.lock().unwrap().clone();
    let part = |name: &str, more: &str, content: &[u8]| {
        let head = format!("\r\ncontent-disposition: form-data; name=\"{name}\"{more}\r\n\r\n");
        [head.as_bytes(), content, b"\r\n"].concat()
    };
    let picture = "; filename=\"cat.png\"\r\ncontent-type: image/png";
    let expected = [
        part("title", "", b"Cat"),
        part("file", picture, PICTURE),
        part("thumb", &format!("{picture}\r\ncontent-transfer-encoding: base64"), b"AJ//DQotLQA="),
        part("more", picture, PICTURE),
        part("more", "; filename=\"a.txt\"\r\ncontent-type: text/plain; charset=utf-8", b"hi"),
    ];
    let sent = parts(&seen[0]);
    assert_eq!(sent, expected.concat(), "{}", String::from_utf8_lossy(&sent));
    assert_eq!(seen[1], ("application/octet-stream".to_owned(), PICTURE.to_vec()));
    assert_eq!(seen[2], ("image/png".to_owned(), b"AJ//DQotLQA=".to_vec()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_approves_is_the_file_that_is_sent() {
    let (engine, seen) = with_album().await;
    let code = "const file = await tools.album.get(); return await tools.album.raw({ body: file })";
    let task = engine.run(code).await;
    let [approval] = task.approvals.as_slice() else { panic!("{task:?}") };
    let shown: Value = approval.arguments.read().unwrap();
    assert_eq!(shown["body"]["blob"], json!(executor_core::Digest::of(PICTURE).to_string()));
    assert_eq!(approval.request.as_ref().unwrap().body_bytes, PICTURE.len() as u64);
    assert!(seen.lock().unwrap().is_empty());
    engine.decide(approval, json!({ "decision": "approve" })).await;
    assert_eq!(engine.end_of(&task).await.summary.status, TaskStatus::Completed);
    assert_eq!(seen.lock().unwrap().as_slice(), [("application/octet-stream".to_owned(), PICTURE.to_vec())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_of_the_workspace_is_not_sent() {
    let (engine, seen) = with_album().await;
    engine.allow("album.*").await;
    let blobs = Blobs::new(engine.folder.path().join("blobs"));
    let other = WorkspaceId::new(&RandomIds::default(), Timestamp::from_millis(1));
    let foreign = blobs.put(other, b"theirs".to_vec()).await.unwrap();
    let absent = executor_core::Digest::of(b"absent");
    let own = executor_core::Digest::of(PICTURE);
    let table = [
        (format!("{{ blob: '{foreign}' }}"), "none of this workspace"),
        (format!("{{ blob: '{absent}' }}"), "none of this workspace"),
        ("{ blob: '../../secret.key' }".to_owned(), "none that a call gave"),
        (format!("{{ blob: '{own}', size: 3 }}"), "8 bytes, and not 3"),
        (format!("{{ blob: '{own}', text: 'x' }}"), "is no file"),
        ("{ base64: '?' }".to_owned(), "is not base64"),
        ("{ name: 'x' }".to_owned(), "is no file"),
        ("[]".to_owned(), "`body` has to be"),
    ];
    for (file, message) in table {
        let code = format!("await tools.album.get(); await tools.album.raw({{ body: {file} }})");
        let failure = engine.run(&code).await.error.expect(&file).failure;
        assert_eq!(failure.code, ErrorCode::InvalidArguments, "{file}");
        assert!(failure.message.contains(message), "{file}: {}", failure.message);
        let read = format!("return await tools.executor.files.read('{foreign}')");
        assert_eq!(engine.run(&read).await.error.unwrap().failure.code, ErrorCode::NotFound);
    }
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn describe_says_what_a_file_argument_is() {
    let (engine, _seen) = with_album().await;
    let described = engine.run("return await tools.describe('album.form')").await.result.unwrap();
    let text: String = described.read().unwrap();
    for part in
        ["file: FileArgument;", "more?: FileArgument[];", "type FileArgument =\n  | File", "interface File {"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let described = engine.run("return await tools.describe('album.get')").await.result.unwrap();
    let text: String = described.read().unwrap();
    assert!(text.contains("Promise<File>") && text.contains("interface File {"), "{text}");
    assert!(!text.contains("FileArgument"), "{text}");
}
