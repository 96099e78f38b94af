//! Sources: add, look, refresh, remove; and what a refresh changed.
//!
//! A refresh that fails changes nothing: all of it is written in one transaction, at its end.

use executor_core::path::{fold, is_reserved, is_segment};
use executor_core::tool::SourceKind;
use executor_core::{AuditAction, ErrorCode, Failure, Json, Scope, SourceId};
use executor_sources::{Address, Claimed, ImportOptions};
use executor_store::Source;

use super::Workspace;
use crate::failure::{StoreResult, of_store};
use crate::review;
use crate::view::{
    AcceptTools, AuthenticationMethod, ChangedTool, Detection, ImportProgress, NewSource, SkippedOperation,
    SourceChanges, SourceView,
};

/// Where progress is told.
type Progress<'a> = &'a (dyn Fn(ImportProgress) + Send + Sync);

impl Workspace {
    /// Reads a document and makes its operations tools (scope `manage`).
    pub async fn add_source(&self, source: NewSource, progress: Progress<'_>) -> Result<SourceView, Failure> {
        self.principal.require(Scope::Manage)?;
        if let Some(name) = &source.name {
            check_name(name)?;
            self.check_free(name).await?;
        }
        let claimed = match (&source.url, &source.document) {
            (Some(url), None) => self.look(url, source.kind, progress).await?,
            (None, Some(document)) => self.claim(document.clone(), source.kind).await?,
            _ => {
                return Err(Failure::new(ErrorCode::InvalidRequest, "Give either `url` or `document`."));
            }
        };
        let id = SourceId::new(self.engine.ids.as_ref(), self.engine.clock.now());
        self.import(id, source, claimed, None, progress).await
    }

    /// Reads a source's document again (scope `manage`).
    pub async fn refresh_source(&self, source: &str, progress: Progress<'_>) -> Result<SourceView, Failure> {
        self.principal.require(Scope::Manage)?;
        let known = self.find_source(source).await?;
        let Some(url) = known.url.clone() else {
            let message =
                format!("`{}` was added as a document, so there is no address to read again.", known.name);
            return Err(Failure::new(ErrorCode::InvalidRequest, message)
                .with_hint("Remove it and add the new document under the same name."));
        };
        let claimed = self.look(&url, Some(known.kind), progress).await?;
        let wanted = NewSource {
            name: Some(known.name.clone()),
            url: Some(url),
            document: None,
            kind: Some(known.kind),
            base_url: known.pinned_base_url.clone(),
        };
        self.import(known.id, wanted, claimed, Some(known), progress).await
    }

    /// What a document is, without adding it (scope `manage`).
    pub async fn detect_source(&self, url: &str) -> Result<Detection, Failure> {
        self.principal.require(Scope::Manage)?;
        let found = self.look(url, None, &|_| {}).await?.detection;
        Ok(Detection {
            kind: found.kind,
            confidence: found.confidence,
            title: found.title,
            name: found.suggested_name,
            base_url: found.base_url,
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
        let tools: Vec<_> = changes
            .into_iter()
            .map(|stored| ChangedTool {
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

    /// Asks an address what it is.
    async fn look(
        &self,
        url: &str,
        kind: Option<SourceKind>,
        progress: Progress<'_>,
    ) -> Result<Claimed, Failure> {
        let tell = |received, total| progress(ImportProgress::Fetching { received, total });
        let found = self.engine.kinds.look(&Address::new(url, &tell), kind).await?;
        found.ok_or_else(|| Failure::new(ErrorCode::Internal, "A document is said to be known already."))
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

    async fn import(
        &self,
        id: SourceId,
        wanted: NewSource,
        claimed: Claimed,
        known: Option<Source>,
        progress: Progress<'_>,
    ) -> Result<SourceView, Failure> {
        let Claimed { document, kind, detection, .. } = claimed;
        let name = wanted.name.unwrap_or(detection.suggested_name);
        if known.is_none() {
            check_name(&name)?;
            self.check_free(&name).await?;
        }
        let digest = document.digest();
        // Making tools of a large document takes seconds of processor; the other tasks go on meanwhile.
        let mut import = tokio::task::block_in_place(|| {
            let tell = |done, total| progress(ImportProgress::Importing { done, total });
            kind.import(
                &document,
                &ImportOptions {
                    document_url: wanted.url.as_deref(),
                    base_url: wanted.base_url.as_deref(),
                    ..ImportOptions::new(&tell)
                },
            )
        })?;
        drop(document);
        progress(ImportProgress::Storing { tools: import.tools.len() as u64 });
        let now = self.engine.clock.now();
        let skipped = std::mem::take(&mut import.skipped).into_iter();
        let skipped: Vec<_> = skipped
            .map(|skipped| SkippedOperation { operation: skipped.operation, reason: skipped.reason })
            .collect();
        let methods: Vec<_> =
            std::mem::take(&mut import.methods).into_iter().filter_map(method_view).collect();
        let source = Source {
            id,
            organization: self.principal.organization,
            workspace: known.as_ref().map_or(Some(self.id), |known| known.workspace),
            name: name.clone(),
            kind: kind.kind(),
            title: import.title.clone(),
            description: import.description.clone(),
            url: wanted.url,
            base_url: Some(import.base_url.clone()),
            version: import.version.clone(),
            document: digest,
            trusted: false,
            tool_count: import.tools.len() as u64,
            skipped: json(&skipped)?,
            methods: json(&methods)?,
            created_at: known.as_ref().map_or(now, |known| known.created_at),
            refreshed_at: now,
            revision: known.as_ref().map_or(0, |known| known.revision + 1),
            pinned_base_url: wanted.base_url,
        };
        let store = &self.engine.store;
        let stored = match &known {
            Some(known) => {
                let changes = review::changes(store, kind.as_ref(), known, &import, now).await?;
                let mut about = about(&source);
                about["needReview"] =
                    changes.iter().filter(|change| change.change.needs_review()).count().into();
                let audit = self.audit(AuditAction::SourceRefreshed).on(id).with(&about);
                let (tools, schemas) = (import.tools, import.schemas);
                store.refresh_source(source.clone(), tools, schemas, changes, audit).await
            }
            None => {
                let audit = self.audit(AuditAction::SourceAdded).on(id).with(&about(&source));
                store.add_source(source.clone(), import.tools, import.schemas, audit).await
            }
        };
        match stored {
            Err(executor_store::Error::NameTaken) => {
                self.engine.directory.changed();
                self.check_free(&name).await?;
                return Err(Failure::new(
                    ErrorCode::NameTaken,
                    format!("There is a source `{name}` already."),
                ));
            }
            stored => stored.shown()?,
        }
        self.engine.catalog.refresh(&source).await.shown()?;
        self.engine.directory.changed();
        Ok(view(&source))
    }
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

/// What the audit log is told of a source.
fn about(source: &Source) -> serde_json::Value {
    serde_json::json!({
        "name": source.name,
        "kind": source.kind,
        "url": source.url,
        "baseUrl": source.base_url,
        "document": source.document,
        "tools": source.tool_count,
    })
}

fn check_name(name: &str) -> Result<(), Failure> {
    if is_segment(name) && !is_reserved(name) && name.len() <= 64 {
        return Ok(());
    }
    Err(Failure::new(ErrorCode::InvalidRequest, format!("`{name}` cannot be the name of a source."))
        .with_hint("A name is a JavaScript identifier such as `github`, since code writes `tools.github.…`."))
}

fn json<T: serde::Serialize>(value: &T) -> Result<Json, Failure> {
    Json::from_serialize(value).map_err(|error| Failure::new(ErrorCode::Internal, error.to_string()))
}

/// A way to sign in, if anybody can.
fn method_view(method: executor_sources::Method) -> Option<AuthenticationMethod> {
    let executor_sources::Method { name, description, slots, unusable, .. } = method;
    unusable.is_none().then_some(AuthenticationMethod { name, description, slots })
}

fn view(source: &Source) -> SourceView {
    SourceView {
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
    }
}
