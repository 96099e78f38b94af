//! An engine on a fresh SQLite database, and a real HTTP server for it to call.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use executor_core::clock::SystemClock;
use executor_core::id::RandomIds;
use executor_core::{Clock, Failure, Role, Timestamp};
use executor_engine::{
    ApprovalView, Executor, NewMember, Parts, Settings, SourceView, Submission, TaskView, Until, Workspace,
};
use executor_sandbox::{Options, Sandbox, WorkerCommand};
use executor_store::{Blobs, Location, Store};
use executor_vault::{KeyRing, Keys, Vault};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) struct TestEngine {
    pub(crate) executor: Executor,
    pub(crate) workspace: Workspace,
    pub(crate) store: Store,
    pub(crate) folder: Arc<TempDir>,
    pub(crate) clock: Arc<MovableClock>,
}

/// The system's clock, which a test can put forward.
#[derive(Default)]
pub(crate) struct MovableClock(AtomicI64);

impl MovableClock {
    pub(crate) fn put_forward(&self, milliseconds: i64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Clock for MovableClock {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus_millis(self.0.load(Ordering::SeqCst))
    }
}

impl TestEngine {
    pub(crate) async fn new() -> Self {
        Self::on(Arc::new(TempDir::new().unwrap())).await
    }

    /// An engine on what another one has left.
    pub(crate) async fn on(folder: Arc<TempDir>) -> Self {
        let program = std::env::current_exe().unwrap();
        Self::with(folder, program, Settings::default()).await
    }

    /// The same as a build of that replay version would do it.
    pub(crate) async fn of_version(folder: Arc<TempDir>, replay_version: u32) -> Self {
        let options = Options { compile_for: replay_version, ..options(std::env::current_exe().unwrap()) };
        Self::build(folder, options, Settings::default()).await
    }

    /// One with settings and a worker's program of its own.
    pub(crate) async fn with(folder: Arc<TempDir>, program: PathBuf, settings: Settings) -> Self {
        Self::build(folder, options(program), settings).await
    }

    async fn build(folder: Arc<TempDir>, options: Options, settings: Settings) -> Self {
        let clock = Arc::<MovableClock>::default();
        let store = Store::open(&Location::Sqlite(folder.path().join("data.db"))).await.unwrap();
        let egress = executor_egress::Options { allow_local_network: true, ..Default::default() };
        let parts = Parts {
            store: store.clone(),
            blobs: Blobs::new(folder.path().join("blobs")),
            sandbox: Sandbox::start(options).await.unwrap(),
            egress: executor_egress::Client::new(egress).unwrap(),
            vault: vault(folder.path()),
            programs: None,
            type_checker: None,
            clock: clock.clone(),
            ids: Arc::new(RandomIds::default()),
        };
        let executor = Executor::start(parts, settings).await.unwrap();
        let owner = executor.local_owner(true).await.unwrap();
        let workspace = executor.enter(&owner, "default").await.unwrap();
        Self { executor, workspace, store, folder, clock }
    }

    /// Adds the API at that address as the source `shop`.
    pub(crate) async fn add_shop(&self, address: SocketAddr) {
        self.add_source(serde_json::json!({ "name": "shop", "document": document(address) })).await.unwrap();
    }

    pub(crate) async fn add_source(&self, source: serde_json::Value) -> Result<SourceView, Failure> {
        self.workspace.add_source(serde_json::from_value(source).unwrap(), &|_| {}).await
    }

    pub(crate) async fn allow(&self, tools: &str) {
        self.add_rule(serde_json::json!({ "tools": tools, "effect": "allow" })).await;
    }

    pub(crate) async fn add_rule(&self, rule: serde_json::Value) {
        self.workspace.add_rule(serde_json::from_value(rule).unwrap()).await.unwrap();
    }

    pub(crate) async fn connect(&self, connection: serde_json::Value) {
        self.workspace.add_connection(serde_json::from_value(connection).unwrap()).await.unwrap();
    }

    /// The workspace as a new member sees it who is present in person.
    pub(crate) async fn as_member(&self, role: Role) -> Workspace {
        let owner = self.executor.local_owner(true).await.unwrap();
        let organization = self.executor.organization(&owner).await.unwrap();
        let member = NewMember { name: "Ada".to_owned(), email: None, role };
        let account = organization.add_member(member).await.unwrap().account;
        let key = json!({ "name": "k", "account": account, "scopes": role.scopes() });
        let key = organization.create_key(serde_json::from_value(key).unwrap()).await.unwrap();
        let principal = self.executor.authenticate(&key.secret).await.unwrap();
        self.executor.enter(&principal, "default").await.unwrap()
    }

    /// Approves or denies.
    pub(crate) async fn decide(&self, approval: &ApprovalView, decision: Value) -> ApprovalView {
        let decision = serde_json::from_value(decision).unwrap();
        self.workspace.resolve_approval(approval.id, decision).await.unwrap()
    }

    /// Waits for a task's end.
    pub(crate) async fn end_of(&self, task: &TaskView) -> TaskView {
        self.workspace.wait(task.summary.id, Until::Ended, Duration::from_secs(30)).await.unwrap()
    }

    /// Runs code to its end, or to where only a person can take it on.
    pub(crate) async fn run(&self, code: &str) -> TaskView {
        self.workspace.submit(submission(code)).await.unwrap()
    }
}

fn options(program: PathBuf) -> Options {
    let command = WorkerCommand { program, arguments: vec!["__worker".to_owned()] };
    Options { workers: 1, ..Options::new(command) }
}

fn vault(folder: &Path) -> Vault {
    Vault::new(KeyRing::load_or_create(&folder.join("secret.key"), &Keys::default()).unwrap(), Vec::new())
}

pub(crate) fn submission(code: &str) -> Submission {
    Submission { code: code.to_owned(), wait_ms: Some(30_000), ..Submission::default() }
}

/// A request as the upstream saw it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) authorization: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) body: String,
}

/// A real HTTP server with a small API.
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Upstream {
    pub(crate) async fn start() -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().fallback(answer).with_state(seen.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { address, seen }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

/// An upstream that takes a request and hangs up.
pub(crate) async fn silent_upstream() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 4096]).await;
        }
    });
    address
}

/// An upstream that takes a request and never answers.
pub(crate) async fn silent_upstream_that_waits() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            kept.push(stream);
        }
    });
    address
}

/// An OpenAPI document of the API at that address.
pub(crate) fn document(address: SocketAddr) -> String {
    serde_json::json!({
            "openapi": "3.1.0",
            "info": { "title": "Items", "version": "1" },
            "servers": [{ "url": format!("http://{address}") }],
            "components": { "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer" },
                "key": { "type": "apiKey", "in": "header", "name": "X-Items-Key" },
            } },
            "paths": {
                "/items/{id}": { "get": {
                    "operationId": "items/get", "tags": ["items"], "summary": "Get an item",
                    "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "integer" } }],
                    "responses": { "200": { "description": "", "content": { "application/json": { "schema": {
                        "type": "object", "properties": { "id": { "type": "integer" } } } } } } },
                } },
                "/items": { "post": {
                    "operationId": "items/create", "tags": ["items"], "summary": "Create an item",
                    "security": [{ "token": [] }],
                    "requestBody": { "required": true, "content": { "application/json": { "schema": {
                        "type": "object", "required": ["name"],
                        "properties": { "name": { "type": "string" } } } } } },
                    "responses": { "201": { "description": "", "content": { "application/json": {} } } },
                } },
                "/orders": { "post": {
                    "operationId": "orders/create", "tags": ["orders"], "summary": "Order an item once",
                    "parameters": [{ "name": "Idempotency-Key", "in": "header", "required": true, "schema": { "type": "string" } }],
                    "requestBody": { "required": true, "content": { "application/json": { "schema": {
                        "type": "object", "properties": { "item": { "type": "integer" } } } } } },
                    "responses": { "201": { "description": "" } },
                } },
                "/items/{id}/secret": { "get": {
                    "operationId": "items/secret", "tags": ["items"], "security": [{ "key": [] }],
                    "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "integer" } }],
                    "responses": { "200": { "description": "", "content": { "application/json": {} } } },
                } },
                "/slow": { "get": { "operationId": "slow", "responses": { "200": { "description": "" } } } },
                "/broken": { "get": { "operationId": "broken", "responses": { "200": { "description": "" } } } },
            },
        })
        .to_string()
}

async fn answer(
    axum::extract::State(seen): axum::extract::State<Arc<Mutex<Vec<Seen>>>>,
    request: axum::extract::Request,
) -> axum::response::Response {
    use axum::response::IntoResponse;
    let (parts, body) = request.into_parts();
    let header =
        |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let path = parts.uri.path().to_owned();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    seen.lock().unwrap().push(Seen {
        method: parts.method.to_string(),
        authorization: header("authorization"),
        key: header("x-items-key"),
        idempotency_key: header("idempotency-key"),
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    match path.as_str() {
        "/slow" => {
            tokio::time::sleep(Duration::from_secs(20)).await;
            "late".into_response()
        }
        "/broken" => {
            let body = axum::Json(serde_json::json!({ "error": { "message": "it broke" } }));
            (axum::http::StatusCode::INTERNAL_SERVER_ERROR, body).into_response()
        }
        "/orders" => axum::Json(serde_json::json!({})).into_response(),
        "/items" => {
            let item: serde_json::Value = serde_json::from_slice(&body).unwrap();
            (axum::http::StatusCode::CREATED, axum::Json(item)).into_response()
        }
        path => {
            let id: i64 = path.split('/').nth(2).unwrap().parse().unwrap();
            axum::Json(serde_json::json!({ "id": id })).into_response()
        }
    }
}
