//! Two servers on one database.

use std::time::{Duration, Instant};

use executor_harness::kills::{Shared, postgres_url};

use crate::support::{Server, folder, start_api, succeed};

/// What is added through one server can be found, called and removed through the other.
#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so, but not in CI")]
async fn a_source_is_known_to_both_servers() {
    let Some(url) = postgres_url().await else {
        assert!(std::env::var_os("CI").is_none(), "no PostgreSQL answers, and in CI nothing is skipped");
        return eprintln!("!! No PostgreSQL answers: SKIPPED.");
    };
    let shared = Shared::create(&url, 0x5eed).await;
    let database = shared.url();
    let seen = tokio::task::spawn_blocking(move || {
        let (first, second) = (folder(), folder());
        let variables = [
            ("EXECUTOR_DATABASE_URL", database.as_str()),
            ("EXECUTOR_SECRET_KEY", "one-key-for-both-servers-0123456789"),
        ];
        let _one = Server::start_with(first.path(), &variables);
        let two = Server::start_with(second.path(), &variables);
        let document = start_api(first.path());
        succeed(first.path(), &["sources", "add", document.to_str().unwrap(), "--name", "items"]);
        let found = || two.get("/api/v1/workspaces/default/tools?query=get+an+item").1.to_string();
        let until = |wanted: bool| {
            let deadline = Instant::now() + Duration::from_secs(10);
            while found().contains("items.items.get") != wanted {
                assert!(Instant::now() < deadline, "wanted {wanted}: {}", found());
                std::thread::sleep(Duration::from_millis(50));
            }
        };
        until(true);
        let run = succeed(second.path(), &["call", "items.items.get", r#"{"id": 7}"#]);
        succeed(first.path(), &["sources", "remove", "items", "--yes"]);
        until(false);
        run
    });
    let seen = seen.await.unwrap();
    shared.remove().await;
    assert!(seen.contains('7'), "{seen}");
}
