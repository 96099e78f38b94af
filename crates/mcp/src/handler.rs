//! What answers a client's requests. One handler serves one stateless request, or one session of an older client.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use executor_core::{AccountId, ApprovalId, ErrorCode, Failure, KeyId, Principal, TaskId};
use executor_engine::{Submission, TaskView, ToolQuery, Until, Workspace};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CancelTaskParams, CreateTaskResult, DiscoverResult,
    GetTaskParams, GetTaskResult, Implementation, InitializeRequestParams, InitializeResult, ListToolsResult,
    PaginatedRequestParams, ServerCapabilities, ServerConfig, UpdateTaskParams,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};

use crate::answer;
use crate::asking::question::{Answered, Modes, Question};
use crate::asking::rounds::{self, Round};
use crate::asking::session::Asked;
use crate::asking::{Way, question, session, tasks};
use crate::endpoint::{Caller, Options, Toolkit};
use crate::tools::{self, ExecuteArguments, ResumeArguments, SearchArguments};
use crate::waiting::{DEFAULT_WAIT_MS, Wait, Waited};

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
        request: &Request<'_>,
    ) -> Result<CallToolResponse, Failure> {
        let context = request.context;
        let workspace = self.enter(context).await?;
        let mut wait = Wait::new(&workspace, context, arguments.wait_ms);
        if let Some((round, answered)) =
            rounds::continued(&workspace, &request.binding()?, request.params).await?
        {
            return self.go_on(wait, round, &answered, Until::Stuck, request).await;
        }
        let listens = context.meta.get_progress_token().is_some();
        let first_wait = if listens { FIRST_SILENCE_MS } else { FIRST_WAIT_MS };
        let submission = Submission {
            code: arguments.code,
            timeout_ms: arguments.timeout_ms,
            idempotency_key: idempotency_key(request.params, context)?,
            wait_ms: Some(arguments.wait_ms.unwrap_or(DEFAULT_WAIT_MS).min(first_wait)),
            ..Submission::default()
        };
        let task = workspace.submit(submission).await?;
        let id = task.summary.id;
        let round = Round::first(id);
        if request.way == Way::AsTask {
            wait.wait_ms = Some(arguments.wait_ms.unwrap_or(FIRST_WAIT_MS));
        }
        match self.conclude(&mut wait, task, Until::Stuck, round, request).await? {
            Some(response) => Ok(response),
            None if Caller::has_session(&context.extensions) => {
                let reason = Some("The client cancelled its request.".to_owned());
                let cancelled = workspace.cancel(id, reason).await?;
                Ok(self.answer(&cancelled))
            }
            None => Err(abandoned()),
        }
    }

    async fn resume(
        &self,
        arguments: ResumeArguments,
        request: &Request<'_>,
    ) -> Result<CallToolResponse, Failure> {
        let workspace = self.enter(request.context).await?;
        let mut wait = Wait::new(&workspace, request.context, arguments.wait_ms);
        if let Some((round, answered)) =
            rounds::continued(&workspace, &request.binding()?, request.params).await?
        {
            return self.go_on(wait, round, &answered, Until::Ended, request).await;
        }
        for (approval, decision) in arguments.decisions.unwrap_or_default() {
            let approval = approval
                .parse()
                .map_err(|error| Failure::new(ErrorCode::InvalidRequest, format!("`decisions`: {error}.")))?;
            workspace.resolve_approval_as_model(approval, decision).await?;
        }
        let task = workspace.task(task_id(&arguments.task_id)?).await?;
        wait.shown = task.console.len();
        let round = Round::first(task.summary.id);
        let concluded = self.conclude(&mut wait, task, Until::Ended, round, request).await?;
        concluded.ok_or_else(abandoned)
    }

    /// The rest of a request whose user has been asked in the round before.
    async fn go_on(
        &self,
        mut wait: Wait<'_>,
        round: Round,
        answered: &[Answered],
        until: Until,
        request: &Request<'_>,
    ) -> Result<CallToolResponse, Failure> {
        let task = wait.workspace.task(round.task).await?;
        wait.shown = task.console.len();
        let until = if answered.contains(&Answered::Elsewhere) { Until::Ended } else { until };
        let concluded = self.conclude(&mut wait, task, until, round, request).await?;
        concluded.ok_or_else(abandoned)
    }

    /// Waits for a task, asks the client's user what only a person can decide, and answers. Nothing if the client wants
    /// no answer any more.
    async fn conclude(
        &self,
        wait: &mut Wait<'_>,
        mut task: TaskView,
        mut until: Until,
        round: Round,
        request: &Request<'_>,
    ) -> Result<Option<CallToolResponse>, Failure> {
        let mut asked = round.asked();
        let mut asks = matches!(request.way, Way::InSession | Way::InRounds);
        loop {
            let so_far = if asks { Until::Stuck } else { until };
            task = match wait.until(task, so_far).await? {
                Waited::Answer(task) => *task,
                Waited::Abandoned => return Ok(None),
            };
            let questions = self.questions(&task, request.context, &asked);
            match request.way {
                Way::AsTask if !task.summary.status.is_final() => {
                    let handle = tasks::handle(&task, &questions);
                    return Ok(Some(CallToolResponse::Task(CreateTaskResult::new(handle))));
                }
                Way::InRounds if asks && !questions.is_empty() => {
                    let wanted = round.ask(wait.workspace, &request.binding()?, questions)?;
                    return Ok(Some(wanted.into()));
                }
                Way::InSession if asks && !questions.is_empty() => {
                    for question in questions {
                        asked.insert(question.approval);
                        match session::ask(wait, question).await? {
                            Asked::Answered(Answered::Elsewhere) => until = Until::Ended,
                            Asked::Answered(_) => {}
                            Asked::Unanswered => asks = false,
                            Asked::Abandoned => return Ok(None),
                        }
                    }
                    task = wait.workspace.task(round.task).await?;
                }
                // Nobody is left to be asked; perhaps somebody decides elsewhere.
                _ if asks && !until.is_reached(task.summary.status) => asks = false,
                _ => return Ok(Some(self.answer(&task))),
            }
        }
    }

    fn answer(&self, task: &TaskView) -> CallToolResponse {
        answer::of_task(task, &self.options.task_link(task)).into()
    }

    fn questions(
        &self,
        task: &TaskView,
        context: &RequestContext<RoleServer>,
        asked: &BTreeSet<ApprovalId>,
    ) -> Vec<Question> {
        question::questions(task, Modes::of(context), &self.options.approvals_page(), asked)
    }

    async fn search(
        &self,
        arguments: SearchArguments,
        request: &Request<'_>,
    ) -> Result<CallToolResponse, Failure> {
        let query = ToolQuery { query: arguments.query, limit: arguments.limit, ..ToolQuery::default() };
        Ok(answer::of_search(&self.enter(request.context).await?.search(&query).await?).into())
    }

    fn info(&self, sources: Option<&[String]>) -> ServerConfig {
        let server = Implementation::new("executor", self.options.version);
        let info = ServerConfig::new(ServerCapabilities::builder().enable_tools().enable_tasks().build())
            .with_server_info(server);
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
        params: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let request = Request { params: &params, context: &context, way: Way::of(&context) };
        let name = params.name.as_ref();
        let given = params.arguments.as_ref();
        let outcome = match name {
            "execute" => match tools::arguments(given) {
                Ok(arguments) => self.execute(arguments, &request).await,
                Err(problem) => Ok(answer::of_bad_arguments(name, &problem).into()),
            },
            "search_tools" => match tools::arguments(given) {
                Ok(arguments) => self.search(arguments, &request).await,
                Err(problem) => Ok(answer::of_bad_arguments(name, &problem).into()),
            },
            "resume" => match tools::arguments(given) {
                Ok(arguments) => self.resume(arguments, &request).await,
                Err(problem) => Ok(answer::of_bad_arguments(name, &problem).into()),
            },
            _ => return Err(ErrorData::invalid_params(format!("There is no tool `{name}`."), None)),
        };
        Ok(outcome.unwrap_or_else(|failure| answer::of_failure(&failure).into()))
    }

    async fn get_task(
        &self,
        params: GetTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetTaskResult, ErrorData> {
        let workspace = self.enter(&context).await.map_err(protocol_error)?;
        let id = task_id(&params.task_id).map_err(protocol_error)?;
        let task = workspace.task(id).await.map_err(protocol_error)?;
        let questions = self.questions(&task, &context, &BTreeSet::new());
        Ok(GetTaskResult::new(tasks::detailed(&task, questions, &self.options.task_link(&task))))
    }

    async fn update_task(
        &self,
        params: UpdateTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let workspace = self.enter(&context).await.map_err(protocol_error)?;
        let id = task_id(&params.task_id).map_err(protocol_error)?;
        let task = workspace.task(id).await.map_err(protocol_error)?;
        for question in self.questions(&task, &context, &BTreeSet::new()) {
            let Some(response) = params.input_responses.get(&question.approval.to_string()) else { continue };
            let response = rounds::read(response).map_err(protocol_error)?;
            question::settle(&workspace, question.approval, question.is_form(), response)
                .await
                .map_err(protocol_error)?;
        }
        Ok(())
    }

    async fn cancel_task(
        &self,
        params: CancelTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let workspace = self.enter(&context).await.map_err(protocol_error)?;
        let id = task_id(&params.task_id).map_err(protocol_error)?;
        let reason = Some("The client cancelled the task.".to_owned());
        match workspace.cancel(id, reason).await {
            Ok(_) => Ok(()),
            // What has ended need not be cancelled.
            Err(failure) if failure.code == ErrorCode::AlreadyEnded => Ok(()),
            Err(failure) => Err(protocol_error(failure)),
        }
    }
}

/// A call of one of the tools.
struct Request<'a> {
    params: &'a CallToolRequestParams,
    context: &'a RequestContext<RoleServer>,
    /// How the client's user is asked.
    way: Way,
}

impl Request<'_> {
    /// What its next round has to be the same in.
    fn binding(&self) -> Result<String, Failure> {
        rounds::binding(&self.params.name, self.params.arguments.as_ref())
    }
}

fn task_id(text: &str) -> Result<TaskId, Failure> {
    text.parse().map_err(|error| Failure::new(ErrorCode::InvalidRequest, format!("`taskId`: {error}.")))
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
