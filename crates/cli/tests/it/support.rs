//! A running server, and a small API for it to call.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) const EXECUTOR: &str = env!("CARGO_BIN_EXE_executor");

/// The binary with a data directory and nothing of this process's environment that could count.
pub(crate) fn executor(folder: &Path) -> Command {
    let mut command = Command::new(EXECUTOR);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .env("EXECUTOR_DATA_DIR", folder)
        .env("EXECUTOR_ALLOW_LOCAL_NETWORK", "true")
        .env("PORT", "0")
        .current_dir(folder);
    command
}

/// Runs a command to its end.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Output {
    executor(folder).args(arguments).stdin(Stdio::null()).output().unwrap()
}

/// Runs a command that has to succeed, and gives what it printed.
pub(crate) fn succeed(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
    pub(crate) token: String,
    greeting: PathBuf,
    http: reqwest::blocking::Client,
}

impl Server {
    pub(crate) fn start(folder: &Path) -> Self {
        Self::start_with(folder, &[])
    }

    /// With these variables besides.
    pub(crate) fn start_with(folder: &Path, variables: &[(&str, &str)]) -> Self {
        let _ = std::fs::remove_file(folder.join("server.json"));
        let mut command = executor(folder);
        command.arg("serve").envs(variables.iter().copied());
        let greeting = folder.join("greeting.txt");
        let stdout = std::fs::File::create(&greeting).unwrap();
        let child = command.stdout(stdout).stderr(Stdio::null()).spawn().unwrap();
        let deadline = Instant::now() + Duration::from_secs(20);
        let published: Value = loop {
            match std::fs::read(folder.join("server.json")) {
                Ok(text) => break serde_json::from_slice(&text).unwrap(),
                Err(_) => assert!(Instant::now() < deadline, "the server does not start"),
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        let text = |name: &str| published[name].as_str().unwrap().to_owned();
        // Another test may have been first; there is one provider a process.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
        let server = Self { child, url: text("url"), token: text("token"), greeting, http };
        while server.http.get(format!("{}/api/ready", server.url)).send().is_err() {
            assert!(Instant::now() < deadline, "the server does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    /// What it printed for the person who started it.
    pub(crate) fn greeting(&self) -> String {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let text = std::fs::read_to_string(&self.greeting).unwrap();
            if text.contains("Connect") {
                return text;
            }
            assert!(Instant::now() < deadline, "it prints nothing: {text}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Asks without any credential, as somebody at this machine.
    pub(crate) fn get(&self, path: &str) -> (u16, Value) {
        let response = self.http.get(format!("{}{path}", self.url)).send().unwrap();
        (response.status().as_u16(), response.json().unwrap_or_default())
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let response = self.http.post(format!("{}{path}", self.url)).json(body).send().unwrap();
        (response.status().as_u16(), response.json().unwrap_or_default())
    }

    pub(crate) fn request(&self) -> &reqwest::blocking::Client {
        &self.http
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// The processes that run code, or are ready to.
    pub(crate) fn workers(&self) -> Vec<u32> {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.process())).unwrap().flatten();
        let children = threads.flat_map(|thread| std::fs::read_to_string(thread.path().join("children")));
        children
            .flat_map(|list| list.split_whitespace().map(|id| id.parse().unwrap()).collect::<Vec<_>>())
            .collect()
    }

    /// As power loss to the process: nothing is tidied up.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn folder() -> TempDir {
    TempDir::new().unwrap()
}

/// A small real API: `GET /items/{id}`, `POST /items`.
pub(crate) fn start_api(folder: &Path) -> PathBuf {
    let address = start_upstream(|target, body| match target.strip_prefix("/items/") {
        Some(id) => format!(r#"{{"id":{id}}}"#),
        None => body.to_owned(),
    });
    describe_items(folder, &address)
}

/// A document of that API at this address.
pub(crate) fn describe_items(folder: &Path, address: &str) -> PathBuf {
    let document = serde_json::json!({
        "openapi": "3.0.3",
        "info": { "title": "Items", "version": "1" },
        "servers": [{ "url": address }],
        "paths": {
            "/items/{id}": { "get": {
                "operationId": "items/get", "tags": ["items"], "summary": "Get an item",
                "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "integer" } }],
                "responses": { "200": { "description": "An item", "content": { "application/json": { "schema": {
                    "type": "object", "properties": { "id": { "type": "integer" } } } } } } },
            } },
            "/items": { "post": {
                "operationId": "items/create", "tags": ["items"], "summary": "Create an item",
                "requestBody": { "required": true, "content": { "application/json": { "schema": {
                    "type": "object", "required": ["name"], "properties": { "name": { "type": "string" } } } } } },
                "responses": { "201": { "description": "The item" } },
            } },
        },
    });
    let path = folder.join("items.json");
    std::fs::write(&path, document.to_string()).unwrap();
    path
}

/// An API on threads of its own, which answers with JSON what its function gives for a request's target and body. Gives its
/// address.
pub(crate) fn start_upstream(answer: impl Fn(&str, &str) -> String + Send + Sync + 'static) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            std::thread::spawn(move || serve(stream, answer.as_ref()));
        }
    });
    address
}

#[expect(clippy::disallowed_types, reason = "it is the API that is called")]
fn serve(mut stream: std::net::TcpStream, answer: &dyn Fn(&str, &str) -> String) {
    use std::io::{BufRead, BufReader, Read, Write};
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let mut request = String::new();
        if reader.read_line(&mut request).unwrap_or(0) == 0 {
            return;
        }
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).unwrap();
            if header.trim().is_empty() {
                break;
            }
            if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let body = answer(request.split(' ').nth(1).unwrap(), &String::from_utf8(body).unwrap());
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
    }
}
