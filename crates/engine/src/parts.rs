//! What an engine is made of, and its settings.

use std::sync::Arc;

use executor_core::task::TaskLimits;
use executor_core::{Clock, IdSource};
use executor_egress::Client;
use executor_egress::process::Launcher;
use executor_sandbox::Sandbox;
use executor_sandbox::type_check::TypeChecker;
use executor_store::{Blobs, Store};
use executor_vault::Vault;

use crate::type_check::TypeCheck;

/// What an engine is made of.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// Where large values are kept.
    pub blobs: Blobs,
    /// Where code runs.
    pub sandbox: Sandbox,
    /// The door out.
    pub egress: Client,
    /// What starts programs of this machine that are sources, if they may be.
    pub programs: Option<Launcher>,
    /// What keeps secrets.
    pub vault: Vault,
    /// What checks code before it runs, if there is such.
    pub type_checker: Option<TypeChecker>,
    /// The present moment.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn IdSource>,
}

/// The engine's settings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Tasks that run at once in this process. With 0 it takes tasks and decisions, and leaves them to be carried out by
    /// another engine.
    pub concurrent_tasks: usize,
    /// Unfinished tasks that a workspace may have.
    pub unfinished_tasks: u64,
    /// What a task may use if it does not say.
    pub task_limits: TaskLimits,
    /// The longest time limit that a task may ask for, in milliseconds.
    pub most_timeout_ms: u64,
    /// No call that is not read-only leaves while less than this is free on the disk, so that what it did can be recorded.
    pub least_free_bytes: u64,
    /// How long a person has to decide about a call, in milliseconds.
    pub approval_lifetime_ms: i64,
    /// The name and the slug of the first organization.
    pub organization: (String, String),
    /// The address under which people find us, without a slash at its end.
    pub public_url: String,
    /// What led to a write is durable before it leaves. Only the test which shows what that is for switches it off.
    #[doc(hidden)]
    pub output_commit: bool,
    /// How often sources are read again that say nothing of it, in milliseconds; 0 is never.
    pub refresh_sources_every_ms: u64,
    /// What becomes of code that does not fit the tools that it uses.
    pub type_check: TypeCheck,
    /// Whether the rules of an account that is alone in its organization may also loosen the tools' defaults.
    pub account_rules_loosen: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            concurrent_tasks: 128,
            unfinished_tasks: 20_000,
            task_limits: TaskLimits::default(),
            most_timeout_ms: 900_000,
            least_free_bytes: 64 << 20,
            approval_lifetime_ms: 7 * 24 * 60 * 60 * 1_000,
            organization: ("Default".to_owned(), "default".to_owned()),
            public_url: "http://localhost:4788".to_owned(),
            output_commit: true,
            refresh_sources_every_ms: 24 * 60 * 60 * 1_000,
            type_check: TypeCheck::Off,
            account_rules_loosen: false,
        }
    }
}
