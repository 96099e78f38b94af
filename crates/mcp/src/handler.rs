//! What answers a client's requests. One handler serves one stateless request, or one session of an older client.

use std::sync::{Arc, OnceLock};

use executor_core::{AccountId, ErrorCode, Failure, KeyId, Principal};
use executor_engine::{Submission, ToolQuery, Until, Workspace};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, DiscoverResult, Implementation,
    InitializeRequestParams, InitializeResult, ListToolsResult, PaginatedRequestParams, ServerCapabilities,
    ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use tokio::time::Instant;

use crate::answer;
use crate::endpoint::{Caller, Options, Toolkit};
use crate::tools::{self, ExecuteArguments, ResumeArguments, SearchArguments};
use crate::waiting::{self, DEFAULT_WAIT_MS, Waited};

/// Where a client puts the key that makes `execute` the same task when it is sent again.
const IDEMPOTENCY_KEY: &str = "executor/idempotencyKey";

/// A task that ends within this time is answered without being waited for a second time, in milliseconds.
const FIRST_WAIT_MS: u64 = 1_000;

/// The same for a client that wants to hear of the task's progress.
const FIRST_SILENCE_MS: u64 = 40;

/// How long a client may take the list of tools for fresh, in milliseconds. It names the sources, which change rarely.
const TOOLS_FRESH_MS: u64 = 30_000;

/// Who opened a session.
type Opener = (AccountId, Option<KeyId>);

/// Answers a client's requests in the name of each request's own principal.
pub(crate) struct Handler {
    options: Arc<Options>,
    opener: OnceLock<Opener>,
}

impl Handler {
    pub(crate) fn new(options: Arc<Options>) -> Self {
        Self { options, opener: OnceLock::new() }
    }

    /// The workspace that a request is about, entered in the name of who sent it.
    async fn enter(&self, context: &RequestContext<RoleServer>) -> Result<Workspace, Failure> {
        let Caller { mut principal, workspace, toolkit } = Caller::of(&context.extensions)?;
        self.check_opener(&principal)?;
        if let Some(client) = context.client_info() {
            principal.client = Some(client.name);
        }
        let workspace = self.options.executor.enter(&principal, &workspace).await?;
        match toolkit {
            Some(Toolkit(slug)) => workspace.through_toolkit(&slug).await,
            None => Ok(workspace),
        }
    }

    fn check_opener(&self, principal: &Principal) -> Result<(), Failure> {
        let sender = (principal.account, principal.key);
        if *self.opener.get_or_init(|| sender) == sender {
            return Ok(());
        }
        Err(Failure::new(ErrorCode::NotFound, "There is no such session.").with_hint("Initialize a new one."))
    }

    async fn source_names(&self, context: &RequestContext<RoleServer>) -> Result<Vec<String>, ErrorData> {
        let workspace = self.enter(context).await.map_err(protocol_error)?;
        let sources = workspace.sources().await.map_err(protocol_error)?;
        Ok(sources.into_iter().map(|source| source.name).collect())
    }

    async fn execute(
        &self,
        arguments: ExecuteArguments,
        request: &CallToolRequestParams,
        context: &RequestContext<RoleServer>,
    ) -> Result<CallToolResult, Failure> {
        let workspace = self.enter(context).await?;
        let since = Instant::now();
        let listens = context.meta.get_progress_token().is_some();
        let first_wait = if listens { FIRST_SILENCE_MS } else { FIRST_WAIT_MS };
        let submission = Submission {
            code: arguments.code,
            timeout_ms: arguments.timeout_ms,
            idempotency_key: idempotency_key(request, context)?,
            wait_ms: Some(arguments.wait_ms.unwrap_or(DEFAULT_WAIT_MS).min(first_wait)),
            ..Submission::default()
        };
        let task = workspace.submit(submission).await?;
        let id = task.summary.id;
        match waiting::wait(&workspace, task, Until::Stuck, arguments.wait_ms, since, 0, context).await? {
            Waited::Answer(task) => Ok(answer::of_task(&task, &self.options.task_link(&task))),
            Waited::Abandoned if Caller::has_session(&context.extensions) => {
                let cancelled =
                    workspace.cancel(id, Some("The client cancelled its request.".to_owned())).await?;
                Ok(answer::of_task(&cancelled, &self.options.task_link(&cancelled)))
            }
            Waited::Abandoned => Err(abandoned()),
        }
    }

    async fn resume(
        &self,
        arguments: ResumeArguments,
        context: &RequestContext<RoleServer>,
    ) -> Result<CallToolResult, Failure> {
        let task = arguments
            .task_id
            .parse()
            .map_err(|error| Failure::new(ErrorCode::InvalidRequest, format!("`taskId`: {error}.")))?;
        let workspace = self.enter(context).await?;
        let since = Instant::now();
        let task = workspace.task(task).await?;
        let shown = task.console.len();
        match waiting::wait(&workspace, task, Until::Ended, arguments.wait_ms, since, shown, context).await? {
            Waited::Answer(task) => Ok(answer::of_task(&task, &self.options.task_link(&task))),
            Waited::Abandoned => Err(abandoned()),
        }
    }

    async fn search(
        &self,
        arguments: SearchArguments,
        context: &RequestContext<RoleServer>,
    ) -> Result<CallToolResult, Failure> {
        let query = ToolQuery { query: arguments.query, limit: arguments.limit, ..ToolQuery::default() };
        Ok(answer::of_search(&self.enter(context).await?.search(&query).await?))
    }

    fn info(&self, sources: Option<&[String]>) -> ServerConfig {
        let server = Implementation::new("executor", self.options.version);
        let info =
            ServerConfig::new(ServerCapabilities::builder().enable_tools().build()).with_server_info(server);
        match sources {
            Some(sources) => info.with_instructions(tools::instructions(sources)),
            None => info,
        }
    }
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        self.info(None)
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        context.peer.set_peer_info(request.clone());
        let sources = self.source_names(&context).await?;
        let mut result = self.negotiate_initialize(&request)?;
        result.instructions = self.info(Some(&sources)).instructions;
        Ok(result)
    }

    async fn discover(&self, context: RequestContext<RoleServer>) -> Result<DiscoverResult, ErrorData> {
        let sources = self.source_names(&context).await?;
        let versions = self.supported_protocol_versions().into_owned();
        Ok(DiscoverResult::from_server_info(versions, self.info(Some(&sources))))
    }

    async fn list_tools(
        &self,
        _page: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let sources = self.source_names(&context).await?;
        Ok(ListToolsResult::with_all_items(tools::definitions(&sources)).with_ttl_ms(TOOLS_FRESH_MS))
    }

    async fn call_tool(
        &self,
        mut request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let given = request.arguments.take();
        let name = request.name.clone();
        let outcome = match name.as_ref() {
            "execute" => match tools::arguments(given) {
                Ok(arguments) => self.execute(arguments, &request, &context).await,
                Err(problem) => Ok(answer::of_bad_arguments(&name, &problem)),
            },
            "search_tools" => match tools::arguments(given) {
                Ok(arguments) => self.search(arguments, &context).await,
                Err(problem) => Ok(answer::of_bad_arguments(&name, &problem)),
            },
            "resume" => match tools::arguments(given) {
                Ok(arguments) => self.resume(arguments, &context).await,
                Err(problem) => Ok(answer::of_bad_arguments(&name, &problem)),
            },
            _ => return Err(ErrorData::invalid_params(format!("There is no tool `{name}`."), None)),
        };
        Ok(outcome.unwrap_or_else(|failure| answer::of_failure(&failure)).into())
    }
}

fn idempotency_key(
    request: &CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Result<Option<String>, Failure> {
    let given = request.meta.as_ref().and_then(|meta| meta.get(IDEMPOTENCY_KEY));
    match given.or_else(|| context.meta.get(IDEMPOTENCY_KEY)) {
        None => Ok(None),
        Some(serde_json::Value::String(key)) => Ok(Some(key.clone())),
        Some(_) => Err(Failure::new(
            ErrorCode::InvalidRequest,
            format!("`_meta.{IDEMPOTENCY_KEY}` has to be a string."),
        )),
    }
}

/// Nobody reads this: the client has gone, and its task goes on.
fn abandoned() -> Failure {
    Failure::new(ErrorCode::Cancelled, "The client waits no more.")
}

fn protocol_error(failure: Failure) -> ErrorData {
    let data = serde_json::to_value(&failure).ok();
    match failure.code {
        ErrorCode::Internal | ErrorCode::StorageUnavailable => {
            ErrorData::internal_error(failure.message, data)
        }
        _ => ErrorData::invalid_request(failure.message, data),
    }
}
