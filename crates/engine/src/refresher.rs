//! Reads sources again when their time has come, or when an API says that it has changed.
//!
//! Each process has one refresher; the store gives each source to one of them at a time. What a refresh brings asks until
//! a person has seen it, and one that fails leaves everything as it is, with the reason for people to see.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use executor_core::{Actor, AuditAction, AuditEntry, Failure};
use executor_store::{Changed, Reread, Source};
use futures::future::join_all;
use tokio::sync::broadcast::error::RecvError;

use crate::Inner;
use crate::aliases;
use crate::failure::StoreResult;
use crate::import::{Imported, Progress, Wanted, json, stale_at};
use crate::review;

/// How often sources are looked for whose time has come.
const INTERVAL: Duration = Duration::from_secs(5);

/// How long a source is ours. A process that dies meanwhile leaves it to another one then.
const LEASE_MS: i64 = 10 * 60 * 1_000;

/// The longest time between a failure and the next attempt.
const RETRY_MS: u64 = 60 * 60 * 1_000;

/// Sources that are read at once: each may take the memory that a large document does.
const AT_ONCE: usize = 2;

/// Who wants a source read again.
pub(crate) enum Reader {
    /// A person, whose own connections may be used; it is done even where the document is the same.
    Person { account: executor_core::AccountId, audit: AuditEntry },
    /// The clock.
    Schedule,
}

/// Refreshes until the engine closes.
pub(crate) async fn serve(engine: Arc<Inner>) {
    tokio::join!(listen(&engine), join_all((0..AT_ONCE).map(|_| work(&engine))));
}

/// Makes a source due when its API says that it has changed.
async fn listen(engine: &Inner) {
    let mut changes = engine.kinds.changes();
    loop {
        let address = tokio::select! {
            () = engine.scheduler.closing() => return,
            change = changes.recv() => match change {
                Ok(address) => address,
                // What was missed is read by the clock.
                Err(RecvError::Lagged(_)) => continue,
                Err(RecvError::Closed) => return,
            },
        };
        if let Err(error) = engine.store.make_due(&address, engine.clock.now()).await {
            tracing::error!(%error, address, "a source that has changed is not read again at once");
        }
    }
}

async fn work(engine: &Inner) {
    loop {
        tokio::select! {
            () = engine.scheduler.closing() => return,
            () = tokio::time::sleep(INTERVAL) => {}
        }
        if let Err(error) = engine.refresh_due().await {
            tracing::error!(%error, "sources cannot be refreshed");
        }
    }
}

impl Inner {
    /// Refreshes what is due, one source after another.
    pub(crate) async fn refresh_due(&self) -> Result<(), executor_store::Error> {
        loop {
            let now = self.clock.now();
            let claimed = self.store.claim_refresh(now, now.plus_millis(LEASE_MS)).await?;
            let Some(source) = claimed else { return Ok(()) };
            if let Err(failure) = self.refresh(&source, Reader::Schedule, &|_| {}).await {
                tracing::warn!(source = source.name, %failure, "a source could not be refreshed");
            }
        }
    }

    /// Reads a source's document again and puts what it offers now in the place of what it had.
    pub(crate) async fn refresh(
        &self,
        known: &Source,
        reader: Reader,
        progress: Progress<'_>,
    ) -> Result<Source, Failure> {
        match self.reread(known, reader, progress).await {
            Ok(source) => Ok(source),
            Err(failure) => {
                let every = known.refresh_every_ms.unwrap_or(self.settings.refresh_sources_every_ms);
                let retry = if every > 0 { Some(every.min(RETRY_MS)) } else { Some(0) };
                let due_at = self.next_refresh(retry, self.clock.now());
                let reread = Reread::Failed { failure: json(&failure)? };
                self.store.settle_refresh(known.organization, known.id, reread, due_at).await.shown()?;
                self.directory.changed();
                Err(failure)
            }
        }
    }

    async fn reread(
        &self,
        known: &Source,
        reader: Reader,
        progress: Progress<'_>,
    ) -> Result<Source, Failure> {
        let (account, is_scheduled) = match &reader {
            Reader::Person { account, .. } => (Some(*account), false),
            Reader::Schedule => (None, true),
        };
        let url = known.url.clone().unwrap_or_default();
        let injection = self.reading_injection(known, account).await?;
        let etag = known.etag.clone().filter(|_| is_scheduled);
        let claimed = self.look(&url, Some(known.kind), injection, etag, progress).await?;
        let ttl_ms = claimed.as_ref().and_then(|claimed| claimed.ttl_ms);
        let claimed = claimed.filter(|claimed| !is_scheduled || claimed.document.digest() != known.document);
        let Some(claimed) = claimed else { return self.leave(known, ttl_ms).await };
        let wanted = Wanted {
            id: known.id,
            organization: known.organization,
            workspace: known.workspace,
            name: known.name.clone(),
            url: known.url.clone(),
            base_url: known.pinned_base_url.clone(),
            server: known.server.as_ref().and_then(|server| server.read().ok()),
            include: known.include.clone(),
            trusted: known.trusted,
            refresh_every_ms: known.refresh_every_ms,
            call_timeout_ms: known.call_timeout_ms,
        };
        let Imported { mut source, contents, kind } = self.import(wanted, claimed, Some(known), progress)?;
        keep_methods(&mut source, known);
        let now = source.refreshed_at;
        let (changes, renamed) =
            review::changes(&self.store, kind.as_ref(), known, &source, &contents, now).await?;
        let mut about = about(&source);
        about["needReview"] = changes.iter().filter(|change| change.change.needs_review()).count().into();
        let audit = match reader {
            Reader::Person { audit, .. } => audit,
            Reader::Schedule => AuditEntry::new(
                self.ids.as_ref(),
                self.clock.now(),
                known.organization,
                Actor::System,
                AuditAction::SourceRefreshed,
            ),
        };
        let audit = audit.on(source.id).with(&about);
        let aliases = aliases::after(&self.store, known, renamed, &contents.tools, now).await?;
        let changed = Changed { changes, aliases };
        self.store.refresh_source(source.clone(), contents, changed, audit).await.shown()?;
        self.catalog.refresh(&source).await.shown()?;
        self.directory.changed();
        Ok(source)
    }

    /// The document is the one that is known.
    async fn leave(&self, known: &Source, ttl_ms: Option<u64>) -> Result<Source, Failure> {
        let at = self.clock.now();
        let due_at = self.next_refresh(known.refresh_every_ms, at);
        let (organization, id) = (known.organization, known.id);
        let stale_at = stale_at(ttl_ms, at);
        let unchanged = Reread::Unchanged { at, stale_at };
        self.store.settle_refresh(organization, id, unchanged, due_at).await.shown()?;
        self.directory.changed();
        let known = known.clone();
        Ok(Source { refreshed_at: at, refresh_failure: None, refresh_due_at: due_at, stale_at, ..known })
    }

    /// A source is used. If it counts no more by its API's own account, it is read again soon; this use does not wait.
    pub(crate) fn used(&self, source: &Source) {
        let Some(stale_at) = source.stale_at.filter(|at| *at <= self.clock.now()) else { return };
        let Some(url) = &source.url else { return };
        let mut asked = self.stale.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.insert(source.id, stale_at) != Some(stale_at) {
            self.kinds.tell_changed(url);
        }
    }
}

/// A document that states no way to sign in leaves the one that its adder gave.
fn keep_methods(source: &mut Source, known: &Source) {
    if source.methods.as_str() == "[]" {
        source.methods = known.methods.clone();
    }
}

/// What the audit log is told of a source.
pub(crate) fn about(source: &Source) -> serde_json::Value {
    serde_json::json!({
        "name": source.name,
        "kind": source.kind,
        "url": source.url,
        "baseUrl": source.base_url,
        "document": source.document,
        "tools": source.tool_count,
    })
}
