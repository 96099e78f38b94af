//! Real kills: what a process was told is durable is there after `kill -9`.

use std::io::Write;
use std::process::{ExitCode, Stdio};

use executor_core::id::RandomIds;
use executor_core::{AccountId, Digest, KeyId, OrganizationId, Scope};
use executor_store::{Key, Location, Store};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::stage::{NOW, Stage, note, setting};
use crate::story::stories;

stories![what_was_synced_survives_a_kill];

const LOCATION: &str = "EXECUTOR_STORE_TEST_CRASH";
const TENANT: &str = "EXECUTOR_STORE_TEST_TENANT";

/// Whether this process is one that is to be killed.
pub(crate) fn is_child() -> bool {
    setting(LOCATION).is_some()
}

/// Adds keys without end and says which are durable.
pub(crate) fn live_until_killed() -> ExitCode {
    let location = setting(LOCATION).unwrap();
    let location = match location.strip_prefix("sqlite:") {
        Some(path) => Location::Sqlite(path.into()),
        None => Location::Postgres(location),
    };
    let tenant = setting(TENANT).unwrap();
    let (organization, account) = tenant.split_once(' ').unwrap();
    let (organization, account) = (organization.parse().unwrap(), account.parse().unwrap());
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let store = Store::open(&location).await.unwrap();
        let writers = (0..4).map(|_| add_keys(store.clone(), organization, account));
        futures::future::join_all(writers).await;
    });
    ExitCode::SUCCESS
}

async fn add_keys(store: Store, organization: OrganizationId, account: AccountId) {
    let ids = RandomIds::default();
    loop {
        let id = KeyId::new(&ids, NOW);
        let key = Key {
            id,
            organization,
            workspace: None,
            account,
            name: "before the kill".to_owned(),
            scopes: vec![Scope::Run],
            secret_hash: Digest::of(id.to_string().as_bytes()),
            prefix: "exk_".to_owned(),
            created_at: NOW,
            expires_at: None,
            revoked_at: None,
        };
        store.add_key(key, note(&ids, organization)).await.unwrap();
        let mut out = std::io::stdout().lock();
        out.write_all(format!("{id}\n").as_bytes()).unwrap();
        out.flush().unwrap();
    }
}

async fn what_was_synced_survives_a_kill(stage: Stage) {
    let location = match &stage.location {
        Location::Sqlite(path) => format!("sqlite:{}", path.display()),
        Location::Postgres(url) => url.clone(),
    };
    for wanted in [1, 40, 150] {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .env(LOCATION, &location)
            .env(TENANT, format!("{} {}", stage.tenant.organization, stage.tenant.account))
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut told: Vec<KeyId> = Vec::new();
        while told.len() < wanted {
            told.push(lines.next_line().await.unwrap().unwrap().parse().unwrap());
        }
        child.kill().await.unwrap();
        // What it said between our last look and its death counts, too; its last line may be half a line.
        while let Some(line) = lines.next_line().await.unwrap() {
            told.extend(line.parse::<KeyId>());
        }
        let store = stage.another_start().await;
        let kept = store.keys(stage.tenant.organization).await.unwrap();
        for id in told {
            assert!(kept.iter().any(|key| key.id == id), "{id} was acknowledged and is lost");
        }
    }
}
