//! Servers that are programs of this machine.

use std::time::Duration;

use executor_core::ErrorCode;
use executor_core::tool::{CredentialSlot, Placement, SideEffect};
use executor_egress::process::Launcher;
use executor_egress::{Injection, Url};
use executor_sources::{Kinds, Performed};
use serde_json::json;

use super::{Calling, connection, failure, fetch, import_at, plan, value};
use crate::support::client;

const PROGRAM: &str = include_str!("program.sh");

/// The kinds with programs, in a folder that goes with it.
struct Place {
    kinds: Kinds,
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("program.sh"), PROGRAM).unwrap();
        let path = std::env::var_os("PATH").unwrap();
        let launcher = Launcher::new(folder.path().join("programs"), path);
        Self { kinds: Kinds::with_programs(&client(), Some(launcher)), folder }
    }

    fn calling<'a>(&'a self, address: &'a str, number: u16, secret: &str) -> Calling<'a> {
        let origin = Url::parse("stdio:program").unwrap().origin();
        let injection = Injection::new(origin).environment("KEY", secret.to_owned().into()).unwrap();
        let calling = Calling::new(&self.kinds, address);
        Calling { connection: connection(number), injection: Some(injection), ..calling }
    }

    fn address(&self, arguments: &str) -> String {
        format!("stdio:sh '{}' {arguments}", self.folder.path().join("program.sh").display())
    }
}

#[tokio::test]
async fn a_program_is_listed_and_called_like_any_server() {
    let place = Place::new();
    for arguments in ["", "quits"] {
        let address = place.address(arguments);
        let document = fetch(&place.kinds, &address).await.unwrap();
        assert_eq!(document["mcp"]["serverInfo"]["name"], "shell");
        let import = import_at(&document, &address, false).unwrap();
        assert!(import.methods.is_empty(), "a program is not sent a token");
        let calling = Calling::new(&place.kinds, &address);
        assert!(value(calling.perform(&import.tools[0], json!({})).await).as_str().unwrap().contains("PATH"));
        assert_eq!(value(calling.tool("talks", json!({})).await), "done");
    }
}

#[tokio::test]
async fn a_program_inherits_nothing_and_has_folders_and_limits_of_its_own() {
    let place = Place::new();
    let address = place.address("");
    let calling = Calling::new(&place.kinds, &address);
    let environment = value(calling.tool("environment", json!({})).await);
    let names: Vec<_> = environment.as_str().unwrap().split_whitespace().collect();
    let shells_own = |name: &&str| matches!(*name, "PWD" | "OLDPWD" | "SHLVL" | "_");
    let given: Vec<_> = names.into_iter().filter(|name| !shells_own(name)).collect();
    assert_eq!(given, ["HOME", "LANG", "PATH", "TMPDIR", "XDG_CACHE_HOME"]);
    let folders = value(calling.tool("folders", json!({})).await);
    let root = place.folder.path().join("programs");
    for folder in folders.as_str().unwrap().split(' ') {
        assert!(std::path::Path::new(folder).starts_with(&root), "{folder}");
    }
    if cfg!(target_os = "linux") {
        let limits = value(calling.tool("limits", json!({})).await);
        let (core, files) = limits.as_str().unwrap().split_once(' ').unwrap();
        assert!(core == "0" && files.parse::<u64>().unwrap() <= 4096, "{limits}");
    }
}

#[tokio::test]
async fn a_program_gets_the_variables_of_its_address_and_the_secrets_of_its_connection() {
    let place = Place::new();
    let address = place.address("").replace("stdio:", "stdio:KEY= PLAIN='a b' ");
    let import = import_at(&fetch(&place.kinds, &address).await.unwrap(), &address, false).unwrap();
    let slot = CredentialSlot { name: "KEY".to_owned(), placement: Placement::Environment("KEY".to_owned()) };
    assert_eq!(import.methods[0].slots, std::slice::from_ref(&slot));
    assert_eq!(plan(&import.tools[0], &address, json!({})).unwrap().credentials, [[slot]]);

    let mut processes = Vec::new();
    for (number, secret) in [(1, "one"), (1, "one"), (1, "rotated"), (2, "rotated")] {
        let said = value(place.calling(&address, number, secret).tool("secret", json!({})).await);
        let (process, said) = said.as_str().unwrap().split_once(' ').unwrap();
        assert_eq!(said, format!("{secret} a b"));
        processes.push(process.to_owned());
    }
    assert_eq!(processes[0], processes[1], "one program while the secret is the same");
    processes.sort_unstable();
    processes.dedup();
    assert_eq!(processes.len(), 3, "another for another secret and another connection");

    let origin = Url::parse("https://elsewhere.test").unwrap().origin();
    let stolen = Injection::new(origin).environment("KEY", "secret".to_owned().into()).unwrap();
    let calling = Calling { injection: Some(stolen), ..place.calling(&address, 3, "") };
    let said = value(calling.tool("secret", json!({})).await);
    assert!(said.as_str().unwrap().ends_with("  a b"), "no secret of an origin gets to a program: {said}");
}

#[tokio::test]
async fn a_program_that_fails_says_how() {
    let place = Place::new();
    let table = [
        ("stdio:no-such-program-anywhere".to_owned(), "there is no program `no-such-program-anywhere`"),
        (
            "stdio:sh -c 'echo no key is given >&2; exit 3'".to_owned(),
            "exit status: 3; it said: no key is given",
        ),
        ("stdio:sh -c 'exec >&-; sleep 5'".to_owned(), "closed its output"),
    ];
    for (address, message) in table {
        let error = failure(Calling::new(&place.kinds, &address).tool("any", json!({})).await);
        assert_eq!(error.code, ErrorCode::UpstreamUnreachable, "{address}: {error:?}");
        assert!(error.message.contains(message), "{address}: {}", error.message);
        let failed = fetch(&place.kinds, &address).await.unwrap_err();
        assert_eq!(failed.code, ErrorCode::SourceUnreachable);
        assert!(failed.message.contains(message), "{address}: {}", failed.message);
    }
}

#[tokio::test]
async fn what_a_program_may_have_done_is_unknown_and_it_is_started_again() {
    let place = Place::new();
    let address = place.address("");
    let table = [
        ("crashes", ErrorCode::UpstreamInvalid, "exit status: 7; it said: starting / cannot go on"),
        ("huge", ErrorCode::UpstreamInvalid, "a line of more than 16 MiB"),
        ("hangs", ErrorCode::UpstreamTimeout, "within 1500 ms"),
        ("other-id", ErrorCode::UpstreamTimeout, "within 1500 ms"),
    ];
    for (name, code, message) in table {
        // Each in a place of its own: one that fails often is left in peace for a while.
        let place = Place::new();
        let address = place.address("");
        let timeout = if code == ErrorCode::UpstreamTimeout { 1_500 } else { 20_000 };
        let timeout = Duration::from_millis(timeout);
        match (Calling { timeout, ..Calling::new(&place.kinds, &address) }).tool(name, json!({})).await {
            Performed::Unknown(error) => {
                assert!(error.message.contains(message), "{name}: {}", error.message)
            }
            other => panic!("{name}: {other:?}"),
        }
        let reading =
            Calling { timeout, side_effect: SideEffect::None, ..Calling::new(&place.kinds, &address) };
        let error = failure(reading.tool(name, json!({})).await);
        assert_eq!(error.code, code, "{name}: {error:?}");
        assert!(error.message.contains(message), "{name}: {}", error.message);
    }
    let calling = Calling::new(&place.kinds, &address);
    assert!(matches!(calling.tool("crashes", json!({})).await, Performed::Unknown(_)));
    assert_eq!(value(calling.tool("talks", json!({})).await), "done", "it was started again");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_program_and_its_children_end_with_whoever_started_it() {
    let place = Place::new();
    let address = place.address("");
    let processes = value(Calling::new(&place.kinds, &address).tool("child", json!({})).await);
    let processes: Vec<_> = processes.as_str().unwrap().split(' ').map(str::to_owned).collect();
    let runs = |process: &String| {
        let state = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        !state.is_empty() && !state.contains(") Z ")
    };
    assert_eq!(processes.iter().filter(|process| runs(process)).count(), 2);
    drop(place);
    for _ in 0..100 {
        if !processes.iter().any(runs) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("still there: {processes:?}");
}
