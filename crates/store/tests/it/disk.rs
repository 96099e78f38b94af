//! A disk that is really full: SQLite alone on a small file system, which only Linux gives to everybody.

use std::path::Path;
use std::process::{Command, ExitCode};

use executor_core::id::RandomIds;
use executor_store::{Durability, Error, Location, Store};
use libtest_mimic::{Failed, Trial};

use crate::stage::{NOW, bootstrap, created, setting};

const FOLDER: &str = "EXECUTOR_STORE_TEST_FULL";

pub(crate) fn trials() -> Vec<Trial> {
    let possible =
        Command::new("unshare").args(["-Urm", "true"]).output().is_ok_and(|done| done.status.success());
    vec![Trial::test("disk::a_full_disk_is_said_to_be_and_passes", full_disk).with_ignored_flag(!possible)]
}

fn full_disk() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let script = "mount -t tmpfs -o size=3m tmpfs \"$1\" && exec \"$2\"";
    let done = Command::new("unshare")
        .args(["-Urm", "sh", "-c", script, "sh"])
        .arg(folder.path())
        .arg(std::env::current_exe()?)
        .env(FOLDER, folder.path())
        .output()?;
    match done.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&done.stderr).into_owned().into()),
    }
}

/// Whether this process is the one on the small disk.
pub(crate) fn is_child() -> bool {
    setting(FOLDER).is_some()
}

/// Writes until nothing more fits, frees some space, and writes again.
pub(crate) fn fill_it() -> ExitCode {
    let folder = setting(FOLDER).unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(fill(Path::new(&folder)));
    ExitCode::SUCCESS
}

async fn fill(folder: &Path) {
    let ballast = folder.join("ballast");
    fs_err::write(&ballast, vec![1; 600 << 10]).unwrap();
    let store = Store::open(&Location::Sqlite(folder.join("data.db"))).await.unwrap();
    let ids = RandomIds::default();
    let first = bootstrap(&ids, "default");
    let workspace = first.workspace.id;
    let audit = crate::stage::note(&ids, first.organization.id);
    let (organization, account) = store.bootstrap(first, NOW, audit).await.unwrap();
    let tenant = crate::stage::Tenant { organization: organization.id, workspace, account };
    let accept = |size: usize| {
        let task = crate::stage::new_task(&ids, tenant);
        let id = task.id;
        let task = executor_store::NewTask { code: "x".repeat(size), ..task };
        let mut write = crate::stage::write(tenant, id, 1, vec![created(1)]);
        write.accept = Some(task);
        let store = store.clone();
        async move { store.write_task(write, Durability::Synced).await.map(|()| id) }
    };
    let mut kept = Vec::new();
    // Large ones fail first; a small one in the same batch may still fit, or not, but must not be lost silently.
    let full = loop {
        let outcomes = futures::future::join_all([accept(100), accept(200 << 10), accept(100)]).await;
        kept.extend(outcomes.iter().filter_map(|outcome| outcome.as_ref().ok().copied()));
        if let Some(error) = outcomes.into_iter().find_map(Result::err) {
            break error;
        }
        assert!(kept.len() < 100, "3 MiB hold no 100 tasks of this size");
    };
    assert!(matches!(full, Error::Full(_)), "{full:?}");
    for id in &kept {
        assert!(store.task(workspace, *id).await.is_ok(), "{id} was accepted");
    }
    fs_err::remove_file(ballast).unwrap();
    kept.push(accept(1_000).await.unwrap());
    // A write that fails for a reason of its own takes nothing of its neighbours along.
    let lost = crate::stage::write(tenant, kept[0], 77, vec![created(2)]);
    assert_eq!(store.write_task(lost, Durability::Synced).await, Err(Error::LeaseLost));
    kept.push(accept(1_000).await.unwrap());
    assert_eq!(store.unfinished_tasks(workspace).await.unwrap(), kept.len() as u64);
    let reopened = Store::open(&Location::Sqlite(folder.join("data.db"))).await.unwrap();
    assert_eq!(reopened.unfinished_tasks(workspace).await.unwrap(), kept.len() as u64);
}
