//! Servers of the newest generation and of the one before, by the SDK.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use executor_core::ErrorCode;
use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ErrorData, ListToolsResult,
    PaginatedRequestParams, ProtocolVersion, ServerCapabilities, ServerConfig, SubscriptionFilter, Tool,
};
use rmcp::service::{RequestContext, RoleServer, SubscriptionContext};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::{Value, json};

use super::{Calling, failure, fetch, import_at, value};
use crate::support::kinds;

#[derive(Clone)]
struct Server {
    versions: &'static [ProtocolVersion],
    lists: Arc<AtomicU64>,
}

fn tool() -> Tool {
    let schema = json!({
        "type": "object",
        "properties": {
            "text": { "type": "string", "x-mcp-header": "Text" },
            "deep": { "type": "object", "properties": { "count": { "type": "integer", "x-mcp-header": "Count" } } },
        },
    });
    Tool::new("shout", "Shouts.", Arc::new(schema.as_object().unwrap().clone()))
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().enable_tool_list_changed().build())
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Cow::Borrowed(self.versions)
    }

    fn get_tool(&self, _: &str) -> Option<Tool> {
        Some(tool())
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        self.lists.fetch_add(1, Ordering::SeqCst);
        Ok(ListToolsResult::with_all_items(vec![tool()]))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let version = context.protocol_version().map(|version| version.to_string());
        let given = Value::from(request.arguments.unwrap_or_default());
        Ok(CallToolResult::structured(json!({ "given": given, "version": version })).into())
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        Some(requested.clone())
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        tokio::time::sleep(Duration::from_millis(200)).await;
        context.sink().notify_tool_list_changed().await.ok();
        tokio::time::sleep(Duration::from_secs(60)).await;
        Ok(())
    }
}

async fn serve(versions: &'static [ProtocolVersion], has_sessions: bool) -> String {
    let server = Server { versions, lists: Arc::default() };
    let config = StreamableHttpServerConfig::default().with_legacy_session_mode(has_sessions);
    let manager = Arc::new(LocalSessionManager::default());
    let service = StreamableHttpService::new(move || Ok(server.clone()), manager, config);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/mcp", listener.local_addr().unwrap());
    let router = Router::new().nest_service("/mcp", service);
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

const NEWEST: &[ProtocolVersion] = &[ProtocolVersion::V_2026_07_28];
const BEFORE: &[ProtocolVersion] = &[ProtocolVersion::V_2025_11_25, ProtocolVersion::V_2025_06_18];

#[tokio::test]
async fn each_generation_is_spoken_with_in_its_own_way() {
    for (versions, has_sessions, version) in
        [(NEWEST, false, "2026-07-28"), (BEFORE, true, "2025-11-25"), (BEFORE, false, "2025-11-25")]
    {
        let (kinds, address) = (kinds(), serve(versions, has_sessions).await);
        let document = fetch(&kinds, &address).await.unwrap();
        assert_eq!(document["mcp"]["protocolVersion"], version, "{document}");
        let import = import_at(&document, &address, false).unwrap();
        let calling = Calling::new(&kinds, &address);
        // A character that no header can have, and a number.
        let given = json!({ "text": "é ", "deep": { "count": 7 } });
        let answer = value(calling.perform(&import.tools[0], given.clone()).await);
        assert_eq!(answer["given"], given);
        if versions == NEWEST {
            assert_eq!(answer["version"], version);
        }
    }
}

#[tokio::test]
async fn a_change_of_the_lists_is_told() {
    let (kinds, address) = (kinds(), serve(NEWEST, false).await);
    let mut changes = kinds.changes();
    let document = fetch(&kinds, &address).await.unwrap();
    let import = import_at(&document, &address, false).unwrap();
    value(Calling::new(&kinds, &address).perform(&import.tools[0], json!({})).await);
    let changed = tokio::time::timeout(Duration::from_secs(10), changes.recv()).await.unwrap().unwrap();
    assert_eq!(changed, address);
}

#[tokio::test]
async fn a_call_of_what_is_no_more_tells_of_a_change() {
    let mock = super::mock::Mock::start().await;
    let (kinds, address) = (kinds(), mock.address("plain"));
    let mut changes = kinds.changes();
    let error = failure(Calling::new(&kinds, &address).tool("missing", json!({})).await);
    assert_eq!(error.code, ErrorCode::UpstreamError);
    assert_eq!(changes.try_recv().unwrap(), address);
}

#[tokio::test]
async fn a_stream_of_the_oldest_kind_leads_to_no_other_origin() {
    let other = super::mock::Mock::start().await;
    let endpoint = format!("event: endpoint\ndata: {}\n\n", other.address("plain"));
    let stream = move || async move { ([("content-type", "text/event-stream")], endpoint) };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/sse", listener.local_addr().unwrap());
    let router = Router::new().route("/sse", axum::routing::get(stream));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let failure = fetch(&kinds(), &address).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::SourceUnreachable);
    assert!(other.tokens.lock().unwrap().is_empty(), "the other was asked");
}
