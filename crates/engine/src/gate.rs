//! The gate: the one place in which a call is judged.
//!
//! In this order: find the tool and the connection; check the arguments; plan the request; see that its files are there and
//! a credential can be had; decide by policy. What is refused is refused here, with its reason, before anything leaves.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use executor_catalog::arguments::invalid_arguments;
use executor_core::approval::Envelope;
use executor_core::call::{CallOptions, Outcome};
use executor_core::policy::{BoundConnection, Decision, Layer, Subject};
use executor_core::tool::CredentialSlot;
use executor_core::{ErrorCode, Json, Principal, Scope, ToolError};
use executor_sources::{Answer, Call, Kind, Plan};
use executor_store::{Connection, Source};
use serde_json::{Map, Value};

use crate::Inner;
use crate::calls::CALL_TIMEOUT;
use crate::catalog::LoadedTool;
use crate::directory::Snapshot;
use crate::files;

/// A call that may go ahead, if `decision` says so.
pub(crate) struct Judged {
    pub(crate) tool: Arc<LoadedTool>,
    pub(crate) kind: Arc<dyn Kind>,
    /// In their canonical form.
    pub(crate) arguments: Json,
    pub(crate) plan: Plan,
    base_url: String,
    pub(crate) options: CallOptions,
    /// How long it may take.
    pub(crate) timeout: Duration,
    pub(crate) credential: Option<Credential>,
    pub(crate) decision: Decision,
    /// Whether the caller may know which rule decided.
    sees_rules: bool,
}

/// The connection of a call, and where its secrets go.
pub(crate) struct Credential {
    pub(crate) connection: Connection,
    pub(crate) slots: Vec<CredentialSlot>,
}

/// Why a call was not judged, or cannot go ahead.
pub(crate) enum Refusal {
    /// The code is thrown this.
    Tool(ToolError),
    /// Nobody can tell at present.
    Storage(executor_store::Error),
}

impl From<ToolError> for Refusal {
    fn from(error: ToolError) -> Self {
        Self::Tool(error)
    }
}

impl From<executor_store::Error> for Refusal {
    fn from(error: executor_store::Error) -> Self {
        Self::Storage(error)
    }
}

/// Judges a call in the name of `principal`, with today's rights and rules.
pub(crate) async fn judge(
    engine: &Inner,
    principal: &Principal,
    snapshot: &Snapshot,
    written_path: &str,
    arguments: &Json,
    options: &Json,
) -> Result<Judged, Refusal> {
    let (source, tool) = find(engine, snapshot, principal, written_path).await?;
    let path = &tool.path;
    if !sees_rules(principal) && is_hidden(snapshot, principal, path.as_str()) {
        return Err(not_found(engine, snapshot, principal, written_path).into());
    }
    if principal.require(Scope::Run).is_err() {
        let message = "Whose task this is may no longer run tools.";
        return Err(ToolError::new(ErrorCode::Forbidden, path.as_str(), message).into());
    }
    let options = read_options(path.as_str(), options)?;
    let arguments = read_arguments(path.as_str(), arguments)?;
    tool.checker.check(&arguments).map_err(|problems| invalid_arguments(path, &problems))?;
    let arguments = canonical(path.as_str(), &arguments)?;

    let kind = engine.kinds.get(source.kind).cloned().ok_or_else(|| {
        ToolError::new(
            ErrorCode::Internal,
            path.as_str(),
            "This build cannot call tools of this kind of source.",
        )
    })?;
    let base_url = source.base_url.as_deref().unwrap_or_default();
    let nothing = Map::new();
    let members = arguments.as_object().unwrap_or(&nothing);
    if options.paginate && !tool.tool.side_effect.is_read() {
        let message = format!("`{path}` does more than read, so its answers cannot be had page by page.");
        return Err(ToolError::new(ErrorCode::InvalidArguments, path.as_str(), message).into());
    }
    let mut plan = kind.plan(&planning(&tool, base_url, members, &options))?;
    files::find(engine, snapshot.workspace, path, &mut plan).await?;
    let credential = credential(snapshot, principal, source, &plan, &options, path.as_str())?;

    let subject = Subject {
        path,
        side_effect: tool.tool.side_effect,
        connection: credential.as_ref().map(|credential| bound(&credential.connection)),
        caller: principal,
        arguments: Some(&arguments),
        review: tool.review.as_deref(),
    };
    let decision = snapshot.rule_set.decide(&subject);
    let decision = with_others(engine, snapshot, principal, source, &plan, &subject, decision).await?;
    let sees_rules = sees_rules(principal);
    let arguments = Json::from(&arguments);
    let base_url = base_url.to_owned();
    let most = call_timeout(source);
    let timeout = options.timeout_ms.map_or(most, |wanted| most.min(Duration::from_millis(wanted)));
    Ok(Judged { timeout, tool, kind, arguments, plan, base_url, options, credential, decision, sees_rules })
}

/// The decision where a request does the work of other tools too: the strictest of all. What is not one of them is not
/// let through. Their arguments are not the call's, so a condition that looks at them has nothing to see, and counts as
/// one that fails: it lets nothing through.
async fn with_others(
    engine: &Inner,
    snapshot: &Snapshot,
    principal: &Principal,
    source: &Source,
    plan: &Plan,
    call: &Subject<'_>,
    mut decision: Decision,
) -> Result<Decision, Refusal> {
    let nothing = Value::Object(Map::new());
    for name in &plan.also {
        let written = format!("{}.{name}", source.name);
        let (_, other) = find(engine, snapshot, principal, &written).await?;
        let other = snapshot.rule_set.decide(&Subject {
            path: &other.path,
            side_effect: other.tool.side_effect,
            connection: call.connection,
            caller: principal,
            arguments: Some(&nothing),
            review: other.review.as_deref(),
        });
        if other.effect > decision.effect {
            decision = other;
        }
    }
    Ok(decision)
}

/// What a call's request is planned from.
fn planning<'a>(
    tool: &'a LoadedTool,
    base_url: &'a str,
    arguments: &'a Map<String, Value>,
    options: &'a CallOptions,
) -> Call<'a> {
    Call {
        path: &tool.path,
        operation: &tool.tool.operation,
        base_url,
        context: tool.context.as_ref(),
        arguments,
        cursor: options.cursor.as_ref(),
    }
}

impl Judged {
    /// The page that an answer is, for code that iterates over all of them.
    pub(crate) fn page(&self, answer: &Answer) -> Outcome {
        let arguments = self.arguments.read().unwrap_or_default();
        let call = planning(&self.tool, &self.base_url, &arguments, &self.options);
        let page = self.kind.page(&call, answer).and_then(|page| {
            let broken = |error: serde_json::Error| {
                ToolError::new(ErrorCode::Internal, self.tool.path.as_str(), error.to_string())
            };
            Json::from_serialize(&page).map_err(broken)
        });
        match page {
            Ok(page) => Outcome::Completed(page),
            Err(error) => Outcome::Failed(error),
        }
    }

    /// What the code is thrown if policy denies the call.
    pub(crate) fn denial(&self) -> ToolError {
        let path = self.tool.path.as_str();
        let reason = if self.sees_rules { &self.decision.decided_by.reason } else { "" };
        let message = format!("The call of `{path}` is denied. {reason}");
        ToolError::new(ErrorCode::PolicyDenied, path, message.trim_end())
    }

    /// What an approval of the call binds.
    pub(crate) fn envelope(&self) -> Result<Envelope, serde_json::Error> {
        Ok(Envelope {
            path: self.tool.path.clone(),
            operation: self.tool.operation_digest(&self.plan)?,
            origin: self.plan.origin(),
            connection: self.credential.as_ref().map(|credential| credential.connection.id),
            arguments: self.arguments.clone(),
        })
    }
}

/// Finds a tool by its path, or one that it had, in any spelling; where there is none, says which come nearest.
pub(crate) async fn find<'a>(
    engine: &Inner,
    snapshot: &'a Snapshot,
    principal: &Principal,
    path: &str,
) -> Result<(&'a Source, Arc<LoadedTool>), Refusal> {
    let found = match path.split_once('.') {
        Some((source, name)) => match snapshot.source(source) {
            Some(source) => {
                engine.used(source);
                engine.tool(source, name).await?.map(|tool| (source, tool))
            }
            None => None,
        },
        None => None,
    };
    match found {
        Some((_, tool)) if !snapshot.admits(principal, &tool.path) => {
            Err(not_in_toolkit(snapshot, principal, path).into())
        }
        Some(found) => Ok(found),
        None => Err(not_found(engine, snapshot, principal, path).into()),
    }
}

/// The tool is none of the toolkit's. That it is there besides is not told.
fn not_in_toolkit(snapshot: &Snapshot, principal: &Principal, path: &str) -> ToolError {
    let slug = principal.toolkit.as_deref().unwrap_or_default();
    let error = ToolError::new(ErrorCode::ToolNotFound, path, format!("There is no tool `{path}`."));
    error.with_hint(match snapshot.toolkit(slug) {
        Some(_) => format!("The task sees only the toolkit `{slug}`. Look for its tools with tools.search."),
        None => format!("The task sees only the toolkit `{slug}`, and that is there no more."),
    })
}

fn not_found(engine: &Inner, snapshot: &Snapshot, principal: &Principal, path: &str) -> ToolError {
    let error = ToolError::new(ErrorCode::ToolNotFound, path, format!("There is no tool `{path}`."));
    if principal.toolkit.as_ref().is_some_and(|slug| snapshot.toolkit(slug).is_none()) {
        return not_in_toolkit(snapshot, principal, path);
    }
    if snapshot.sources.is_empty() {
        return error.with_hint("This workspace has no source yet; add one with `executor sources add`.");
    }
    let sources: Vec<_> = snapshot.sources_for(principal).map(|source| source.id).collect();
    let near = engine.catalog.ask(|index| index.nearest(path, Some(&sources), 3));
    let near: Vec<_> = near.into_iter().filter(|path| !is_hidden(snapshot, principal, path)).collect();
    if near.is_empty() {
        if principal.toolkit.is_some() {
            return not_in_toolkit(snapshot, principal, path);
        }
        let names: Vec<_> = snapshot.sources.iter().take(20).map(|source| source.name.as_str()).collect();
        return error
            .with_hint(format!("Sources here are {}. Look for tools with tools.search.", names.join(", ")));
    }
    error.with_hint(format!("Did you mean {}?", near.join(", ")))
}

/// Whether rules deny a tool whatever it is called with, or the caller's toolkit has it not, so that it is not shown.
pub(crate) fn is_hidden(snapshot: &Snapshot, principal: &Principal, path: &str) -> bool {
    let Ok(path) = path.parse() else { return true };
    if !snapshot.admits(principal, &path) {
        return true;
    }
    let side_effect = executor_core::tool::SideEffect::None;
    let caller = principal;
    let subject =
        Subject { path: &path, side_effect, connection: None, caller, arguments: None, review: None };
    snapshot.rule_set.hides(&subject)
}

/// Whether the caller may know which rule decided: such a one may list the rules.
fn sees_rules(principal: &Principal) -> bool {
    principal.scopes.contains(&Scope::Read)
}

/// What rules see of a connection.
pub(crate) fn bound(connection: &Connection) -> BoundConnection<'_> {
    let owner = match level(connection) {
        0 => Layer::Account,
        1 => Layer::Workspace,
        _ => Layer::Organization,
    };
    BoundConnection { id: connection.id, owner, name: &connection.name }
}

/// How long a call of a source may take.
pub(crate) fn call_timeout(source: &Source) -> Duration {
    source.call_timeout_ms.map_or(CALL_TIMEOUT, Duration::from_millis)
}

fn read_options(path: &str, options: &Json) -> Result<CallOptions, ToolError> {
    if matches!(options.as_str(), "null" | "{}") {
        return Ok(CallOptions::default());
    }
    let refuse = |message: String| {
        ToolError::new(ErrorCode::InvalidArguments, path, message).with_hint(
            "Options are `connection` (a name), `response` (true for status and headers too), `paginate` (true to \
             iterate over all pages) and `timeoutMs`.",
        )
    };
    let options: CallOptions =
        options.read().map_err(|error| refuse(format!("The options of the call do not fit: {error}.")))?;
    match options.timeout_ms {
        Some(0) => Err(refuse("`timeoutMs` has to be at least 1.".to_owned())),
        _ => Ok(options),
    }
}

pub(crate) fn read_arguments(path: &str, arguments: &Json) -> Result<Value, ToolError> {
    match arguments.read::<Value>() {
        Ok(arguments @ Value::Object(_)) => Ok(arguments),
        Ok(Value::Null) => Ok(Value::Object(Map::new())),
        _ => Err(ToolError::new(
            ErrorCode::InvalidArguments,
            path,
            "A tool takes one object of named arguments, as `{ owner: \"o\" }`.",
        )),
    }
}

/// The same arguments in their one canonical form: what is planned, shown, digested and sent.
pub(crate) fn canonical(path: &str, arguments: &Value) -> Result<Value, ToolError> {
    Json::canonical(arguments).and_then(|canonical| canonical.read()).map_err(|error| {
        let message = format!("The arguments have no canonical form: {error}.");
        ToolError::new(ErrorCode::InvalidArguments, path, message)
    })
}

fn credential(
    snapshot: &Snapshot,
    principal: &Principal,
    source: &Source,
    plan: &Plan,
    options: &CallOptions,
    path: &str,
) -> Result<Option<Credential>, ToolError> {
    let connection = choose_connection(snapshot, principal, source, options, path)?;
    match connection {
        Some(connection) => Ok(Some(Credential {
            slots: slots_for(connection, &source.methods, plan),
            connection: connection.clone(),
        })),
        None if plan.credentials.is_empty() || plan.credentials.iter().any(Vec::is_empty) => Ok(None),
        None => {
            let message = format!("`{}` wants a credential, and there is no connection to it.", source.name);
            Err(ToolError::new(ErrorCode::ConnectionRequired, path, message)
                .with_hint(format!("Add one: executor connections add {}", source.name)))
        }
    }
}

/// The connection that the option names; else the one of the nearest owner: account, workspace, organization.
pub(crate) fn choose_connection<'a>(
    snapshot: &'a Snapshot,
    principal: &Principal,
    source: &Source,
    options: &CallOptions,
    path: &str,
) -> Result<Option<&'a Connection>, ToolError> {
    let usable: Vec<_> = snapshot.connections_to(source.id, principal).collect();
    let names = || usable.iter().map(|connection| connection.name.as_str()).collect::<Vec<_>>().join(", ");
    let mut levels: BTreeMap<u8, Vec<&Connection>> = BTreeMap::new();
    for connection in &usable {
        if options.connection.as_deref().is_none_or(|name| connection.name == name) {
            levels.entry(level(connection)).or_default().push(connection);
        }
    }
    match levels.into_values().next().as_deref() {
        Some([only]) => Ok(Some(only)),
        Some(several) => match several.iter().find(|connection| connection.name == "default") {
            Some(default) => Ok(Some(default)),
            None => {
                let message = format!("Several connections to `{}` would do: {}.", source.name, names());
                Err(ToolError::new(ErrorCode::ConnectionAmbiguous, path, message)
                    .with_hint("Name one: tools.x.y(args, { connection: \"…\" })."))
            }
        },
        None => match &options.connection {
            None => Ok(None),
            Some(name) => {
                let known = if usable.is_empty() { "none".to_owned() } else { names() };
                let message =
                    format!("There is no connection `{name}` to `{}`; there is {known}.", source.name);
                Err(ToolError::new(ErrorCode::ConnectionNotFound, path, message))
            }
        },
    }
}

fn level(connection: &Connection) -> u8 {
    match (connection.account, connection.workspace) {
        (Some(_), _) => 0,
        (None, Some(_)) => 1,
        (None, None) => 2,
    }
}

/// Where the connection's secrets go: the alternative of the operation that the connection's method is for, else that
/// method's own slots, so that a document that forgets to say so for one operation does not break it.
fn slots_for(connection: &Connection, methods: &Json, plan: &Plan) -> Vec<CredentialSlot> {
    let methods: Vec<crate::view::AuthenticationMethod> = methods.read().unwrap_or_default();
    let method = match &connection.method {
        Some(name) => methods.into_iter().find(|method| method.name == *name),
        None => methods.into_iter().next(),
    };
    let Some(method) = method else { return plan.credentials.first().cloned().unwrap_or_default() };
    let fits = |alternative: &&Vec<CredentialSlot>| {
        !alternative.is_empty() && alternative.iter().all(|slot| method.slots.contains(slot))
    };
    plan.credentials.iter().find(fits).cloned().unwrap_or(method.slots)
}
