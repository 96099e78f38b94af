//! An MCP server of either generation that asks people in the middle of its calls, and says how far it is.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ErrorData, InputRequiredResult, ListToolsResult,
    PaginatedRequestParams, ProgressNotificationParam, ProtocolVersion, ServerCapabilities, ServerConfig,
    Tool,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::{Value, json};

/// The tools: each does one thing, once people have answered what it asks.
const TOOLS: [&str; 5] = ["book", "pair", "visit", "login", "work"];

/// How a server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// Stateless, since 2026-07-28.
    Stateless,
    /// With sessions, up to 2025-11-25.
    Sessions,
}

/// A running server, and what it has done.
#[derive(Clone)]
pub struct McpServer {
    /// Where it is.
    pub address: String,
    generation: Generation,
    effects: Arc<Mutex<Vec<Value>>>,
    calls: Arc<Mutex<Vec<Value>>>,
    lists: Arc<Mutex<Lists>>,
}

/// What it lists.
#[derive(Debug, Clone)]
pub struct Lists {
    /// How long that counts, in milliseconds.
    pub ttl_ms: Option<u64>,
    /// The names of its tools.
    pub tools: Vec<String>,
    /// How often they were listed.
    pub times: u64,
}

impl McpServer {
    /// Starts it on a port of its own.
    pub async fn start(generation: Generation) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/mcp", listener.local_addr().unwrap());
        let tools = TOOLS.map(str::to_owned).to_vec();
        let lists = Arc::new(Mutex::new(Lists { ttl_ms: None, tools, times: 0 }));
        let server = Self { address, generation, effects: Arc::default(), calls: Arc::default(), lists };
        let handler = server.clone();
        let has_sessions = generation == Generation::Sessions;
        let config = StreamableHttpServerConfig::default().with_legacy_session_mode(has_sessions);
        let manager = Arc::new(LocalSessionManager::default());
        let service = StreamableHttpService::new(move || Ok(handler.clone()), manager, config);
        let router = Router::new().nest_service("/mcp", service);
        tokio::spawn(async move { axum::serve(listener, router).await });
        server
    }

    /// What was done, in order.
    pub fn effects(&self) -> Vec<Value> {
        self.effects.lock().unwrap().clone()
    }

    /// The calls that came, with what people had answered.
    pub fn calls(&self) -> Vec<Value> {
        self.calls.lock().unwrap().clone()
    }

    /// Changes what it lists.
    pub fn change(&self, change: impl FnOnce(&mut Lists)) {
        change(&mut self.lists.lock().unwrap());
    }

    /// How often its tools were listed.
    pub fn listed(&self) -> u64 {
        self.lists.lock().unwrap().times
    }

    fn done(&self, effect: Value) -> CallToolResponse {
        self.effects.lock().unwrap().push(effect.clone());
        CallToolResult::structured(effect).into()
    }

    /// What people answer to these questions: at once where it has a session, else with the next request.
    async fn answers(
        &self,
        questions: &[(&str, Value)],
        request: &CallToolRequestParams,
        context: &RequestContext<RoleServer>,
    ) -> Result<Result<Vec<Value>, CallToolResponse>, ErrorData> {
        let internal = |error: &dyn std::fmt::Display| ErrorData::internal_error(error.to_string(), None);
        if self.generation == Generation::Sessions {
            let mut answers = Vec::new();
            for (_, params) in questions {
                let params = serde_json::from_value(params.clone()).map_err(|error| internal(&error))?;
                let answer =
                    context.peer.create_elicitation(params).await.map_err(|error| internal(&error))?;
                answers.push(serde_json::to_value(answer).map_err(|error| internal(&error))?);
            }
            return Ok(Ok(answers));
        }
        let state = format!("state of {}", request.name);
        if let Some(given) = &request.input_responses {
            if request.request_state.as_deref() != Some(state.as_str()) {
                return Err(ErrorData::invalid_params("this is not the state that was given", None));
            }
            return Ok(Ok(questions.iter().map(|(key, _)| given[*key].clone()).collect()));
        }
        let requests = questions.iter().map(|(key, params)| {
            let request = json!({ "method": "elicitation/create", "params": params });
            ((*key).to_owned(), serde_json::from_value(request).unwrap())
        });
        Ok(Err(InputRequiredResult::new(Some(requests.collect()), Some(state)).into()))
    }
}

fn form(message: &str, name: &str, kind: &str) -> Value {
    json!({ "mode": "form", "message": message, "requestedSchema": {
        "type": "object", "required": [name], "properties": { name: { "type": kind } } } })
}

impl ServerHandler for McpServer {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Cow::Borrowed(match self.generation {
            Generation::Stateless => &[ProtocolVersion::V_2026_07_28],
            Generation::Sessions => &[ProtocolVersion::V_2025_11_25, ProtocolVersion::V_2025_06_18],
        })
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let mut lists = self.lists.lock().unwrap();
        lists.times += 1;
        let schema = json!({ "type": "object", "properties": { "room": { "type": "string" } } });
        let schema = Arc::new(schema.as_object().unwrap().clone());
        let tool = |name: &String| Tool::new(name.clone(), format!("Does {name}."), schema.clone());
        let listed = ListToolsResult::with_all_items(lists.tools.iter().map(tool).collect());
        Ok(match lists.ttl_ms {
            Some(ttl_ms) => listed.with_ttl_ms(ttl_ms),
            None => listed,
        })
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let given = json!({ "tool": request.name, "answers": request.input_responses });
        self.calls.lock().unwrap().push(given);
        let room = request.arguments.as_ref().and_then(|arguments| arguments.get("room").cloned());
        let nights = form("How many nights?\nExecutor needs to know.", "nights", "integer");
        let questions = match request.name.as_ref() {
            "book" => vec![("nights", nights)],
            "pair" => vec![("a", nights), ("b", form("Which bed?", "bed", "string"))],
            "visit" => {
                let url = "https://bank.example/pay?order=7";
                vec![(
                    "paid",
                    json!({ "mode": "url", "message": "Pay first.", "url": url, "elicitationId": "e" }),
                )]
            }
            "login" => vec![("login", form("Sign in.", "password", "string"))],
            "work" => {
                let token = context.meta.get_progress_token();
                for step in 1..=30 {
                    let Some(token) = token.clone() else { break };
                    let progress = ProgressNotificationParam::new(token, f64::from(step))
                        .with_total(30.0)
                        .with_message(format!("step {step}"));
                    context.peer.notify_progress(progress).await.ok();
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                return Ok(self.done(json!({ "worked": true })));
            }
            _ => return Err(ErrorData::invalid_params("there is no such tool", None)),
        };
        Ok(match self.answers(&questions, &request, &context).await? {
            Ok(answers) => self.done(json!({ "did": request.name, "room": room, "answers": answers })),
            Err(asks) => asks,
        })
    }
}
