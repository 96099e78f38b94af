//! Sources: add, look, refresh, remove; and what a refresh changed.
//!
//! A refresh that fails changes nothing: all of it is written in one transaction, at its end.

use std::collections::HashMap;

use executor_core::path::{fold, is_reserved, is_segment};
use executor_core::tool::{Placement, SourceKind};
use executor_core::{AuditAction, ErrorCode, Failure, Scope, SourceId};
use executor_sources::{Claimed, ServerChoice, preset};
use executor_store::Source;

use super::Workspace;
use super::first_connection::FirstConnection;
use crate::calls::MOST_CALL_TIMEOUT;
use crate::failure::{StoreResult, of_store};
use crate::import::{Imported, Progress, Wanted, method_view};
use crate::refresher::{Reader, about};
use crate::view::{AcceptTools, ChangedTool, Detection, NewSource, SourceChanges, SourceView};

impl Workspace {
    /// Reads a document and makes its operations tools (scope `manage`).
    pub async fn add_source(&self, source: NewSource, progress: Progress<'_>) -> Result<SourceView, Failure> {
        self.principal.require(Scope::Manage)?;
        let source = source.with_preset()?;
        if source.url.as_deref().is_some_and(is_program) {
            // It runs on this machine, outside of any sandbox: that takes a person.
            self.principal.require(Scope::Approve)?;
        }
        if let Some(name) = &source.name {
            check_name(name)?;
            self.check_free(name).await?;
        }
        let now = self.engine.clock.now();
        let id = SourceId::new(self.engine.ids.as_ref(), now);
        let server = source.server_choice()?;
        let call_timeout_ms = source.call_timeout_ms.map(call_timeout).transpose()?;
        let NewSource { name, url, document, kind, base_url, include, trusted, .. } = source;
        let mut first = source.connection.map(|wanted| FirstConnection::new(self, id, wanted)).transpose()?;
        let claimed = match (&url, document) {
            (Some(url), None) => {
                let injection = match &first {
                    Some(first) => first.injection(&self.engine, url).await?,
                    None => None,
                };
                let found = self.engine.look(url, kind, injection, None, progress).await?;
                found.ok_or_else(|| Failure::new(ErrorCode::Internal, "The document came to nothing."))?
            }
            (None, Some(document)) => self.claim(document, kind).await?,
            _ => {
                return Err(Failure::new(ErrorCode::InvalidRequest, "Give either `url` or `document`."));
            }
        };
        let name = name.unwrap_or_else(|| claimed.detection.suggested_name.clone());
        check_name(&name)?;
        self.check_free(&name).await?;
        let wanted = Wanted {
            id,
            organization: self.principal.organization,
            workspace: Some(self.id),
            name: name.clone(),
            url,
            base_url,
            server,
            include,
            trusted,
            refresh_every_ms: source.refresh_every_hours.map(|hours| u64::from(hours) * 60 * 60 * 1_000),
            call_timeout_ms,
        };
        let Imported { mut source, contents, .. } = self.engine.import(wanted, claimed, None, progress)?;
        let mut audit = vec![self.audit(AuditAction::SourceAdded).on(id).with(&about(&source))];
        if let Some(first) = &mut first {
            audit.push(first.join(self, &mut source)?);
        }
        let connection = first.map(FirstConnection::into_connection);
        match self.engine.store.add_source(source.clone(), contents, connection, audit).await {
            Err(executor_store::Error::NameTaken) => {
                self.engine.directory.changed();
                self.check_free(&name).await?;
                let message = format!("There is a source `{name}` already.");
                return Err(Failure::new(ErrorCode::NameTaken, message));
            }
            stored => stored.shown()?,
        }
        self.engine.catalog.refresh(&source).await.shown()?;
        self.engine.directory.changed();
        Ok(view(&source))
    }

    /// Reads a source's document again (scope `manage`).
    pub async fn refresh_source(&self, source: &str, progress: Progress<'_>) -> Result<SourceView, Failure> {
        self.principal.require(Scope::Manage)?;
        let known = self.find_source(source).await?;
        if known.url.is_none() {
            let message =
                format!("`{}` was added as a document, so there is no address to read again.", known.name);
            return Err(Failure::new(ErrorCode::InvalidRequest, message)
                .with_hint("Remove it and add the new document under the same name."));
        }
        let audit = self.audit(AuditAction::SourceRefreshed);
        let reader = Reader::Person { account: self.principal.account, audit };
        self.engine.refresh(&known, reader, progress).await.map(|source| view(&source))
    }

    /// What an address is, without adding it (scope `manage`).
    pub async fn detect_source(&self, url: &str) -> Result<Detection, Failure> {
        self.principal.require(Scope::Manage)?;
        if is_program(url) {
            self.principal.require(Scope::Approve)?;
        }
        let found = self.engine.look(url, None, None, None, &|_| {}).await?;
        let found =
            found.ok_or_else(|| Failure::new(ErrorCode::Internal, "The document came to nothing."))?;
        let found = found.detection;
        Ok(Detection {
            kind: found.kind,
            confidence: found.confidence,
            title: found.title,
            name: found.suggested_name,
            base_url: found.base_url,
            servers: found.servers,
            operations: found.operations,
            methods: found.methods.into_iter().filter_map(method_view).collect(),
        })
    }

    /// The sources, by name (scope `read`).
    pub async fn sources(&self) -> Result<Vec<SourceView>, Failure> {
        self.principal.require(Scope::Read)?;
        Ok(self.snapshot().await?.sources_for(&self.principal).map(view).collect())
    }

    /// A source, by its id or its name (scope `read`).
    pub async fn source(&self, source: &str) -> Result<SourceView, Failure> {
        self.principal.require(Scope::Read)?;
        self.find_source(source).await.map(|source| view(&source))
    }

    /// What became of the source's tools since a person last accepted them (scope `read`).
    pub async fn source_changes(&self, source: &str) -> Result<SourceChanges, Failure> {
        self.principal.require(Scope::Read)?;
        // The revision is read before the changes: it may be too old for what is shown with it, never too new.
        let source = self.find_source(source).await?;
        let changes = self.engine.store.tool_changes(self.principal.organization, source.id).await.shown()?;
        let (organization, now) = (self.principal.organization, self.engine.clock.now());
        let aliases = self.engine.store.tool_aliases(organization, Some(source.id), now).await.shown()?;
        let renamed: HashMap<_, _> =
            aliases.into_iter().map(|alias| (fold(&alias.name), alias.target)).collect();
        let tools: Vec<_> = changes
            .into_iter()
            .map(|stored| ChangedTool {
                renamed_to: renamed
                    .get(&fold(&stored.name))
                    .map(|target| format!("{}.{target}", source.name)),
                path: format!("{}.{}", source.name, stored.name),
                needs_review: stored.change.needs_review(),
                change: stored.change,
                since: stored.since,
            })
            .collect();
        Ok(SourceChanges { source: source.id, name: source.name, revision: source.revision, tools })
    }

    /// Accepts changed tools as they are, so that their calls no longer ask because of it (scopes `manage` and
    /// `approve`: it is a person's act). Gives what is left.
    pub async fn accept_tools(&self, source: &str, accepted: AcceptTools) -> Result<SourceChanges, Failure> {
        self.principal.require(Scope::Manage)?;
        self.principal.require(Scope::Approve)?;
        let changes = self.source_changes(source).await?;
        let names = match &accepted.tools {
            Some(tools) => Some(names_among(&changes, tools)?),
            None => None,
        };
        let audit = self.audit(AuditAction::SourceReviewed).on(changes.source).with(&serde_json::json!({
            "name": changes.name,
            "revision": accepted.revision,
            "tools": accepted.tools.unwrap_or_else(|| changes.tools.iter().map(|tool| tool.path.clone()).collect()),
        }));
        let (store, organization) = (&self.engine.store, self.principal.organization);
        match store.accept_tools(organization, changes.source, names, accepted.revision, audit).await {
            Err(executor_store::Error::Changed) => {
                let message = "The source has changed since you looked.";
                return Err(Failure::new(ErrorCode::InvalidRequest, message)
                    .with_hint(format!("Look again: executor sources changes {}", changes.name)));
            }
            accepted => accepted.map_err(|error| of_store(&error))?,
        }
        self.engine.directory.changed();
        self.source_changes(source).await
    }

    /// Removes a source with its tools and connections (scope `manage`).
    pub async fn remove_source(&self, source: SourceId) -> Result<(), Failure> {
        self.principal.require(Scope::Manage)?;
        let source = self.find_source(&source.to_string()).await?;
        let audit = self.audit(AuditAction::SourceRemoved).on(source.id).with(&about(&source));
        self.engine.store.remove_source(self.principal.organization, source.id, audit).await.shown()?;
        self.engine.catalog.forget(source.id);
        self.engine.directory.changed();
        Ok(())
    }

    pub(super) async fn find_source(&self, source: &str) -> Result<Source, Failure> {
        let snapshot = self.snapshot().await?;
        let by_id = source.parse().ok().and_then(|id| snapshot.source_by_id(id));
        by_id.or_else(|| snapshot.source(source)).cloned().ok_or_else(|| {
            Failure::new(ErrorCode::NotFound, format!("There is no source `{source}` in this workspace."))
                .with_hint("List the sources with `executor sources list`.")
        })
    }

    /// Finds out what a document is, away from the threads that serve tasks.
    async fn claim(&self, document: String, kind: Option<SourceKind>) -> Result<Claimed, Failure> {
        let kinds = self.engine.kinds.clone();
        let claim = move || kinds.claim(document.as_bytes(), kind);
        tokio::task::spawn_blocking(claim).await.unwrap_or_else(|error| {
            Err(Failure::new(ErrorCode::DocumentUnreadable, format!("The document cannot be read: {error}.")))
        })
    }

    async fn check_free(&self, name: &str) -> Result<(), Failure> {
        match self.snapshot().await?.source(name) {
            Some(taken) if taken.workspace == Some(self.id) => {
                let message = format!("There is a source `{}` already.", taken.name);
                Err(Failure::new(ErrorCode::NameTaken, message).with_hint(format!(
                    "Choose another name, refresh it, or remove it first: executor sources remove {}",
                    taken.name
                )))
            }
            _ => Ok(()),
        }
    }
}

/// Whether an address is a program of this machine.
fn is_program(url: &str) -> bool {
    url.trim_start().to_ascii_lowercase().starts_with("stdio:")
}

impl NewSource {
    /// Which of the document's servers is wanted, if that is said.
    fn server_choice(&self) -> Result<Option<ServerChoice>, Failure> {
        if self.server.is_none() && self.server_variables.is_empty() {
            return Ok(None);
        }
        if self.base_url.is_some() {
            let message = "Give either `baseUrl`, or `server` and `serverVariables`.";
            return Err(Failure::new(ErrorCode::InvalidRequest, message)
                .with_hint("A base URL is an address of its own, whatever servers the document names."));
        }
        Ok(Some(ServerChoice { server: self.server.clone(), variables: self.server_variables.clone() }))
    }

    /// The source with what its preset says, where it does not say it itself.
    fn with_preset(mut self) -> Result<Self, Failure> {
        let Some(id) = self.preset.take() else { return Ok(self) };
        let preset = preset(&id).ok_or_else(|| {
            Failure::new(ErrorCode::InvalidRequest, format!("There is no preset `{id}`."))
                .with_hint("List them with: executor sources presets")
        })?;
        if let (Some(address), None) = (&preset.needs_base_url, &self.base_url) {
            let message = format!("{} has an address of its own for each customer.", preset.title);
            return Err(Failure::new(ErrorCode::BaseUrlRequired, message)
                .with_hint(format!("Give yours with the source: --base-url {address}")));
        }
        if let (Some(header), Some(connection)) = (&preset.header, &mut self.connection) {
            connection.placement.get_or_insert(Placement::Header(header.clone()));
        }
        if self.document.is_none() {
            self.url.get_or_insert_with(|| preset.url.clone());
        }
        self.name.get_or_insert_with(|| preset.id.clone());
        self.kind.get_or_insert(preset.kind);
        self.base_url = self.base_url.or_else(|| preset.base_url.clone());
        if self.include.is_empty() {
            self.include.clone_from(&preset.include);
        }
        Ok(self)
    }
}

fn call_timeout(milliseconds: u64) -> Result<u64, Failure> {
    let most = u64::try_from(MOST_CALL_TIMEOUT.as_millis()).unwrap_or(u64::MAX);
    if (1..=most).contains(&milliseconds) {
        return Ok(milliseconds);
    }
    let message = format!("`callTimeoutMs` has to be from 1 to {most}.");
    Err(Failure::new(ErrorCode::InvalidRequest, message))
}

/// The names within the source of tools that are given by their paths or names.
fn names_among(changes: &SourceChanges, tools: &[String]) -> Result<Vec<String>, Failure> {
    let name_of = |wanted: &String| {
        let is_meant = |path: &str| {
            let name = path.split_once('.').map_or("", |(_, name)| name);
            fold(path) == fold(wanted) || fold(name) == fold(wanted)
        };
        let found = changes.tools.iter().find(|tool| is_meant(&tool.path));
        let name = found.and_then(|tool| tool.path.split_once('.')).map(|(_, name)| name.to_owned());
        name.ok_or_else(|| {
            let message = format!("`{wanted}` is none of the changed tools of `{}`.", changes.name);
            Failure::new(ErrorCode::InvalidRequest, message)
                .with_hint(format!("See them with: executor sources changes {}", changes.name))
        })
    };
    tools.iter().map(name_of).collect()
}

fn check_name(name: &str) -> Result<(), Failure> {
    if is_segment(name) && !is_reserved(name) && name.len() <= 64 {
        return Ok(());
    }
    Err(Failure::new(ErrorCode::InvalidRequest, format!("`{name}` cannot be the name of a source."))
        .with_hint("A name is a JavaScript identifier such as `github`, since code writes `tools.github.…`."))
}

fn view(source: &Source) -> SourceView {
    let chosen: Option<ServerChoice> = source.server.as_ref().and_then(|server| server.read().ok());
    let chosen = chosen.unwrap_or_default();
    SourceView {
        servers: source.servers.read().unwrap_or_default(),
        server: chosen.server,
        server_variables: chosen.variables,
        call_timeout_ms: source.call_timeout_ms,
        id: source.id,
        name: source.name.clone(),
        kind: source.kind,
        title: source.title.clone(),
        url: source.url.clone(),
        base_url: source.base_url.clone(),
        version: source.version.clone(),
        tools: source.tool_count,
        skipped: source.skipped.read().unwrap_or_default(),
        methods: source.methods.read().unwrap_or_default(),
        created_at: source.created_at,
        refreshed_at: source.refreshed_at,
        trusted: source.trusted,
        next_refresh_at: source.refresh_due_at,
        refresh_failure: source.refresh_failure.as_ref().and_then(|failure| failure.read().ok()),
    }
}
