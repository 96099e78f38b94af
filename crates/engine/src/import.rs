//! From an address or a document to the tools of a source: what adding and refreshing have in common.

use std::sync::Arc;

use executor_core::tool::{CredentialSlot, SourceKind};
use executor_core::{AccountId, ErrorCode, Failure, Json, OrganizationId, SourceId, Timestamp, WorkspaceId};
use executor_egress::{Injection, Url};
use executor_sources::{Address, Claimed, ImportOptions, Kind, ServerChoice};
use executor_store::{Connection, Contents, Source};

use crate::Inner;
use crate::failure::StoreResult;
use crate::view::{AuthenticationMethod, ImportProgress, SkippedOperation};

/// Where progress is told.
pub(crate) type Progress<'a> = &'a (dyn Fn(ImportProgress) + Send + Sync);

/// A source whose document is about to become tools.
pub(crate) struct Wanted {
    pub(crate) id: SourceId,
    pub(crate) organization: OrganizationId,
    pub(crate) workspace: Option<WorkspaceId>,
    pub(crate) name: String,
    /// Where the document was fetched.
    pub(crate) url: Option<String>,
    /// Where the API is, whatever the document says.
    pub(crate) base_url: Option<String>,
    /// Which of its document's servers is used.
    pub(crate) server: Option<ServerChoice>,
    pub(crate) include: Vec<String>,
    pub(crate) trusted: bool,
    pub(crate) refresh_every_ms: Option<u64>,
    pub(crate) call_timeout_ms: Option<u64>,
}

/// The bounds of what an API may say about how long its document counts. Shorter is asking to be read at every call.
const LEAST_TTL_MS: u64 = 60 * 1_000;
const MOST_TTL_MS: u64 = 7 * 24 * 60 * 60 * 1_000;

/// A source as its document makes it.
pub(crate) struct Imported {
    pub(crate) source: Source,
    pub(crate) contents: Contents,
    pub(crate) kind: Arc<dyn Kind>,
}

impl Inner {
    /// Asks an address what it is: `None` if it is the document of that tag.
    pub(crate) async fn look(
        &self,
        url: &str,
        kind: Option<SourceKind>,
        injection: Option<Injection>,
        known_etag: Option<String>,
        progress: Progress<'_>,
    ) -> Result<Option<Claimed>, Failure> {
        let tell = |received, total| progress(ImportProgress::Fetching { received, total });
        let mut address = Address::new(url, &tell);
        address.injection = injection;
        address.known_etag = known_etag;
        self.kinds.look(&address, kind).await
    }

    /// Makes a document's operations tools. `known` is the source as it was, if there was one.
    pub(crate) fn import(
        &self,
        wanted: Wanted,
        claimed: Claimed,
        known: Option<&Source>,
        progress: Progress<'_>,
    ) -> Result<Imported, Failure> {
        let Claimed { document, kind, etag, ttl_ms, .. } = claimed;
        let digest = document.digest();
        if wanted.server.is_some() && kind.kind() != SourceKind::Openapi {
            let message = "Only OpenAPI documents name servers of which one can be chosen.";
            return Err(Failure::new(ErrorCode::InvalidRequest, message)
                .with_hint("Say where the API is with `baseUrl`."));
        }
        // Making tools of a large document takes seconds of processor; the other tasks go on meanwhile.
        let import = tokio::task::block_in_place(|| {
            let tell = |done, total| progress(ImportProgress::Importing { done, total });
            let options = ImportOptions {
                document_url: wanted.url.as_deref(),
                base_url: wanted.base_url.as_deref(),
                server: wanted.server.as_ref(),
                include: &wanted.include,
                trusted: wanted.trusted,
                ..ImportOptions::new(&tell)
            };
            let import = kind.import(&document, &options);
            drop(document);
            import
        })?;
        progress(ImportProgress::Storing { tools: import.tools.len() as u64 });
        let now = self.clock.now();
        let skipped = import.skipped.into_iter();
        let skipped: Vec<_> = skipped
            .map(|skipped| SkippedOperation { operation: skipped.operation, reason: skipped.reason })
            .collect();
        let methods: Vec<_> = import.methods.into_iter().filter_map(method_view).collect();
        let due = wanted.url.as_ref().and_then(|_| self.next_refresh(wanted.refresh_every_ms, now));
        let source = Source {
            id: wanted.id,
            organization: wanted.organization,
            workspace: wanted.workspace,
            name: wanted.name,
            kind: kind.kind(),
            title: import.title,
            description: import.description,
            url: wanted.url,
            base_url: Some(import.base_url),
            version: import.version,
            document: digest,
            trusted: wanted.trusted,
            tool_count: import.tools.len() as u64,
            skipped: json(&skipped)?,
            methods: json(&methods)?,
            created_at: known.map_or(now, |known| known.created_at),
            refreshed_at: now,
            revision: known.map_or(0, |known| known.revision + 1),
            pinned_base_url: wanted.base_url,
            include: wanted.include,
            etag,
            reads_with: known.and_then(|known| known.reads_with),
            refresh_every_ms: wanted.refresh_every_ms,
            refresh_due_at: due,
            refresh_failure: None,
            servers: json(&import.servers)?,
            server: import.server.as_ref().map(json).transpose()?,
            call_timeout_ms: wanted.call_timeout_ms,
            stale_at: stale_at(ttl_ms, now),
        };
        let contents = Contents { tools: import.tools, schemas: import.schemas, context: import.context };
        Ok(Imported { source, contents, kind })
    }

    /// When a source is read again that was read just now.
    pub(crate) fn next_refresh(&self, every_ms: Option<u64>, now: Timestamp) -> Option<Timestamp> {
        let every = every_ms.unwrap_or(self.settings.refresh_sources_every_ms);
        (every > 0).then(|| now.plus_millis(i64::try_from(every).unwrap_or(i64::MAX / 2)))
    }

    /// What a known source's document is asked for with: the connection that it was added with; else one to an API that
    /// describes itself, so that no secret goes where only a document is. `account` may use its own ones.
    pub(crate) async fn reading_injection(
        &self,
        source: &Source,
        account: Option<AccountId>,
    ) -> Result<Option<Injection>, Failure> {
        let Some(url) = source.url.as_deref().and_then(|url| Url::parse(url).ok()) else { return Ok(None) };
        let connections = self.store.connections_to(source.organization, source.id).await.shown()?;
        let describes_itself = source
            .base_url
            .as_deref()
            .and_then(|base| Url::parse(base).ok())
            .is_some_and(|base| base.origin() == url.origin());
        let usable = |connection: &&Connection| match source.reads_with {
            Some(id) => connection.id == id,
            None => describes_itself && (connection.account.is_none() || connection.account == account),
        };
        let rank = |connection: &&Connection| {
            (connection.account.is_none(), connection.workspace.is_none(), connection.name != "default")
        };
        let Some(connection) = connections.iter().filter(usable).min_by_key(rank) else { return Ok(None) };
        let methods: Vec<AuthenticationMethod> = source.methods.read().unwrap_or_default();
        let method = match &connection.method {
            Some(name) => methods.into_iter().find(|method| method.name == *name),
            None => methods.into_iter().next(),
        };
        let slots = method.map(|method| method.slots).unwrap_or_default();
        self.document_injection(connection, &slots, &url).await
    }

    /// The credential for fetching a document.
    pub(crate) async fn document_injection(
        &self,
        connection: &Connection,
        slots: &[CredentialSlot],
        url: &Url,
    ) -> Result<Option<Injection>, Failure> {
        let injection = self.injection(connection, slots, url.origin()).await;
        injection.map_err(|reason| Failure::new(ErrorCode::CredentialUnavailable, reason))
    }
}

/// Until when a document counts that was read just now, by its API's own account.
pub(crate) fn stale_at(ttl_ms: Option<u64>, now: Timestamp) -> Option<Timestamp> {
    let bounded = ttl_ms?.clamp(LEAST_TTL_MS, MOST_TTL_MS);
    Some(now.plus_millis(i64::try_from(bounded).unwrap_or(i64::MAX / 2)))
}

/// A way to sign in, if anybody can.
pub(crate) fn method_view(method: executor_sources::Method) -> Option<AuthenticationMethod> {
    let executor_sources::Method { name, description, slots, unusable, .. } = method;
    unusable.is_none().then_some(AuthenticationMethod { name, description, slots })
}

pub(crate) fn json<T: serde::Serialize>(value: &T) -> Result<Json, Failure> {
    Json::from_serialize(value).map_err(|error| Failure::new(ErrorCode::Internal, error.to_string()))
}
