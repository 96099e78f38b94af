//! Putting the parts together: an engine from a configuration.

use std::sync::Arc;
use std::time::Duration;

use executor_config::{Config, Database};
use executor_core::Failure;
use executor_core::clock::SystemClock;
use executor_core::id::RandomIds;
use executor_core::task::TaskLimits;
use executor_engine::{Executor, Parts, Settings, TypeCheck};
use executor_sandbox::type_check::TypeChecker;
use executor_sandbox::{Sandbox, WorkerCommand};
use executor_store::{Blobs, Location, Store};
use executor_vault::{CredentialProvider, EnvironmentProvider, FileProvider, KeyRing, Keys, Vault};
use secrecy::ExposeSecret;
use url::Url;

/// Starts an engine on the configuration's data.
/// People find it at `public_url`.
pub(crate) async fn start(config: &Config, public_url: &Url) -> anyhow::Result<Executor> {
    let egress = executor_egress::Options {
        allow_local_network: config.allow_local_network,
        ..executor_egress::Options::default()
    };
    let store = Store::open(&location(config)).await.map_err(|error| Failure::from(&error))?;
    let parts = Parts {
        store: store.with_lease(Duration::from_millis(config.lease_ms.into())),
        blobs: Blobs::new(&config.blob_folder),
        sandbox: Sandbox::start(sandbox_options(config)).await.map_err(|error| Failure::from(&error))?,
        egress: executor_egress::Client::new(egress)?,
        vault: vault(config)?,
        type_checker: type_checker(config),
        clock: Arc::new(SystemClock),
        ids: Arc::new(RandomIds::default()),
    };
    Ok(Executor::start(parts, settings(config, public_url)).await?)
}

/// What checks code before it runs, if that is wanted.
fn type_checker(config: &Config) -> Option<TypeChecker> {
    let search_path = std::env::var_os("PATH").unwrap_or_default();
    let folder = config.data_dir.join("tmp").join("type-check");
    (config.type_check != executor_config::TypeCheck::Off)
        .then(|| TypeChecker::new(config.typescript.clone(), search_path, folder))
}

/// Where the database is.
pub(crate) fn location(config: &Config) -> Location {
    match config.database() {
        Database::Sqlite(path) => Location::Sqlite(path),
        Database::Postgres(url) => Location::Postgres(url.expose_secret().to_owned()),
    }
}

/// How workers are started and held.
pub(crate) fn sandbox_options(config: &Config) -> executor_sandbox::Options {
    // The running build, also while its file on disk is replaced.
    let program = if cfg!(target_os = "linux") { "/proc/self/exe".into() } else { this_program() };
    let command = WorkerCommand { program, arguments: vec![crate::WORKER.to_owned()] };
    let mut options = executor_sandbox::Options::new(command);
    options.strict = config.sandbox_strict;
    options.below_floor = config.sandbox_unsafe;
    if let Some(workers) = config.sandbox_workers {
        options.workers = usize::from(workers);
    }
    options.most_workers = options.most_workers.max(2 * config.max_concurrent_tasks as usize);
    options
}

fn this_program() -> std::path::PathBuf {
    std::env::current_exe().unwrap_or_else(|_| "executor".into())
}

fn vault(config: &Config) -> anyhow::Result<Vault> {
    let keys = Keys { current: config.secret_key.clone(), previous: config.secret_key_previous.clone() };
    let ring = KeyRing::load_or_create(&config.data_dir.join("secret.key"), &keys)?;
    let mut providers: Vec<Box<dyn CredentialProvider>> = Vec::new();
    if let Some(prefix) = &config.credential_env_prefix {
        providers.push(Box::new(EnvironmentProvider::new(prefix, std::env::vars())?));
    }
    if let Some(root) = &config.credential_file_root {
        providers.push(Box::new(FileProvider::new(root)?));
    }
    Ok(Vault::new(ring, providers))
}

fn settings(config: &Config, public_url: &Url) -> Settings {
    Settings {
        concurrent_tasks: config.max_concurrent_tasks as usize,
        task_limits: TaskLimits {
            timeout_ms: config.task_timeout_ms,
            memory_bytes: u64::from(config.sandbox_memory_mb) << 20,
            ..TaskLimits::default()
        },
        organization: (config.org_name.clone(), config.org_slug.clone()),
        public_url: public_url.as_str().trim_end_matches('/').to_owned(),
        refresh_sources_every_ms: u64::from(config.source_refresh_hours) * 60 * 60 * 1_000,
        account_rules_loosen: config.account_rules_loosen,
        type_check: match config.type_check {
            executor_config::TypeCheck::Off => TypeCheck::Off,
            executor_config::TypeCheck::Warn => TypeCheck::Warn,
            executor_config::TypeCheck::Strict => TypeCheck::Strict,
        },
        ..Settings::default()
    }
}
