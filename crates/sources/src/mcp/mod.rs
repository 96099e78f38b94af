//! MCP servers, of both generations: stateless since 2026-07-28, and with sessions before.
//!
//! A server's document is what it lists ([`listing`]): its tools, prompts, resources and templates. From there on it is a
//! document like any other. A call goes through a [`session`], which the [`pool`] keeps open between calls.
//!
//! What holds: the MCP SDK dials nothing and sees no secret ([`transport`]). What a server says of the effects of its
//! tools counts only where the source is trusted. A call goes out once.

mod abandoned;
mod asking;
mod detect;
mod endpoint;
mod failure;
mod headers;
mod import;
mod inbox;
mod listener;
mod listing;
mod names;
mod opening;
mod operation;
mod perform;
mod plan;
mod pool;
mod prompt;
mod resources;
mod result;
mod session;
mod signing;
mod tool;
mod transport;
mod trouble;

use std::time::Duration;

use executor_core::tool::SourceKind;
use executor_core::{ErrorCode, Failure, Json, ToolError, ToolPath};
use executor_egress::Client;
use executor_egress::process::Launcher;
use tokio::sync::broadcast;

use self::endpoint::Endpoint;
use self::opening::Generation;
use self::pool::Pool;
use crate::address::{Address, Fetched};
use crate::document::Document;
use crate::import::{Detection, Import, ImportOptions};
use crate::kind::{BoxFuture, Call, Kind, Sending};
use crate::perform::Performed;
use crate::plan::{Plan, Reach};

/// How long a server may take to list all that it offers.
const LISTING: Duration = Duration::from_secs(120);

/// The kind `mcp`.
pub(crate) struct Mcp {
    pool: Pool,
}

impl Mcp {
    /// Dials by that client, starts programs by that launcher, and tells of addresses whose servers say that their lists
    /// have changed.
    pub(crate) fn new(
        client: Client,
        launcher: Option<Launcher>,
        changes: broadcast::Sender<String>,
    ) -> Self {
        Self { pool: Pool::new(client, launcher, changes) }
    }

    async fn list(&self, address: &Address<'_>) -> Result<Fetched, Failure> {
        let endpoint = Endpoint::parse(&address.text)?;
        let key = (Endpoint::normal(&address.text)?, None);
        // A session of its own: whoever adds a source has not chosen a connection yet.
        let session = self.pool.open(&key, &endpoint, address.injection.clone(), Generation::Any).await;
        let session = session.map_err(|trouble| trouble.while_adding())?;
        let (document, ttl_ms) = listing::document(&session, &address.text, address.progress).await?;
        Ok(Fetched::Document { bytes: document.as_str().as_bytes().to_vec().into(), etag: None, ttl_ms })
    }
}

impl Kind for Mcp {
    fn kind(&self) -> SourceKind {
        SourceKind::Mcp
    }

    /// Programs of this machine as well.
    fn asks(&self, _: &Address<'_>) -> bool {
        true
    }

    fn fetch<'a>(&'a self, address: &'a Address<'a>) -> BoxFuture<'a, Result<Fetched, Failure>> {
        Box::pin(async move {
            tokio::time::timeout(LISTING, self.list(address)).await.unwrap_or_else(|_| {
                let message =
                    format!("The MCP server did not list its tools within {} s.", LISTING.as_secs());
                Err(Failure::new(ErrorCode::SourceUnreachable, message))
            })
        })
    }

    fn detect(&self, document: &Document) -> Option<Detection> {
        detect::detect(document)
    }

    fn import(&self, document: &Document, options: &ImportOptions<'_>) -> Result<Import, Failure> {
        import::import(document, options)
    }

    fn plan(&self, call: &Call<'_>) -> Result<Plan, ToolError> {
        plan::plan(call)
    }

    fn reach(&self, operation: &Json, base_url: &str) -> Result<Reach, Failure> {
        plan::reach(operation, base_url)
    }

    fn perform<'a>(&'a self, sending: Sending<'a>) -> BoxFuture<'a, Performed> {
        Box::pin(perform::perform(&self.pool, sending))
    }
}

/// The result of a method as a hostile server may give it.
pub(crate) fn fuzz_result(path: &ToolPath, method: &str, value: serde_json::Value) -> Performed {
    result::read(path, method, value)
}
