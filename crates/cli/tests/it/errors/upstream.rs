//! An API that answers in every way that it should not.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;

use serde_json::{Value, json};

/// How much a document says that it weighs, of which not a byte comes.
const HUGE: u64 = 200 << 20;

/// Starts the API on a thread of its own, and gives its address.
pub(super) fn start() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream));
        }
    });
    format!("http://{address}")
}

/// A document of it.
pub(super) fn document(base_url: &str) -> Value {
    let get =
        |id: &str| json!({ "get": { "operationId": id, "responses": { "200": { "description": "" } } } });
    let secured = json!({ "get": {
        "operationId": "secured", "security": [{ "token": [] }], "responses": { "200": { "description": "" } },
    } });
    let with_number = json!({ "get": {
        "operationId": "megabytes", "responses": { "200": { "description": "" } },
        "parameters": [{ "name": "count", "in": "path", "required": true, "schema": { "type": "integer" } }],
    } });
    let write = json!({ "post": { "operationId": "write", "responses": { "200": { "description": "" } } } });
    json!({
        "openapi": "3.0.3",
        "info": { "title": "Odd", "version": "1" },
        "servers": [{ "url": base_url }],
        "components": { "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } } },
        "paths": {
            "/well": get("well"), "/broken": get("broken"), "/garbage": get("garbage"), "/file": get("file"),
            "/secured": secured, "/megabytes/{count}": with_number, "/hang-up": write,
        },
    })
}

#[expect(clippy::disallowed_types, reason = "it is the API that is called")]
fn answer(mut stream: std::net::TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let mut request = String::new();
        if reader.read_line(&mut request).unwrap_or(0) == 0 {
            return;
        }
        let mut length = 0;
        let mut header = String::new();
        while reader.read_line(&mut header).unwrap() > 2 {
            if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            header.clear();
        }
        reader.read_exact(&mut vec![0; length]).unwrap();
        let target = request.split(' ').nth(1).unwrap();
        let (status, kind, body) = match target {
            "/broken" => (500, "application/json", r#"{"message":"it broke"}"#.to_owned()),
            "/garbage" => (200, "application/json", "{nonsense".to_owned()),
            "/file" => (200, "application/octet-stream", "\u{1}\u{2}".to_owned()),
            "/private" => (401, "application/json", "{}".to_owned()),
            "/hang-up" => return,
            "/huge" => {
                let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {HUGE}\r\n\r\n");
                return;
            }
            other => match other.strip_prefix("/megabytes/") {
                Some(count) => {
                    let text = "x".repeat(count.parse::<usize>().unwrap() << 20);
                    (200, "application/json", format!("\"{text}\""))
                }
                None => (200, "application/json", "{}".to_owned()),
            },
        };
        let length = body.len();
        let head = format!("HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n");
        if stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).is_err() {
            return;
        }
    }
}
