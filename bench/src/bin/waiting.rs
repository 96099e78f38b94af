//! Measures what tasks that wait for a person cost, how soon one goes on after its approval, and what is left of them
//! after the server was killed.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::Parser;
use executor_bench::api::Api;
use executor_bench::common::Common;
use executor_bench::processes::Memory;
use executor_bench::report::{Bar, Row, thousands};
use executor_bench::server::Server;
use executor_bench::statistics::{Durations, megabytes, milliseconds};
use executor_bench::upstream::{CALL, Upstream};
use futures::future::try_join_all;
use serde_json::json;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    /// How many tasks wait.
    #[arg(long, default_value_t = 10_000)]
    tasks: usize,
    /// How many of them are approved, one after another.
    #[arg(long, default_value_t = 300)]
    approvals: usize,
    /// How long a server is left alone before its memory is looked at, in seconds.
    #[arg(long, default_value_t = 5)]
    rest: u64,
}

/// How many clients submit at once.
const CLIENTS: usize = 16;

/// How many tasks wait and are approved before memory is looked at.
const WARM_UP: usize = 500;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let (place, mut report) = arguments.common.begin("waiting")?;
    let folder = place.folder("data")?;
    let upstream = Upstream::start(None)?;
    let mut server = Server::start(place.setup(), &folder).await?;
    let mut api = Api::open(server.address()).await?;
    api.add_source(&upstream.source()).await?;
    api.add_rule(&json!({ "tools": "mock.*", "effect": "require_approval" })).await?;

    // Some of each, so that what is made once is there before, and what a server at work has.
    let first = submit(&server, WARM_UP).await?;
    approve(&server, &folder, &first).await?;
    let before = rested(&arguments, &server).await?;
    let began = Instant::now();
    let waiting = submit(&server, arguments.tasks).await?;
    let took = began.elapsed();
    let after = rested(&arguments, &server).await?;
    let more = megabytes(after.proportional) - megabytes(before.proportional);
    report.row(
        Row::new(format!("{} waiting tasks: memory of all processes", thousands(arguments.tasks)))
            .figure("before", megabytes(before.proportional), "MB")
            .judged("more", more, "MB", Some(Bar::AtMost(5.0)))
            .figure("until they wait", milliseconds(took) / arguments.tasks as f64, "ms each"),
    );

    let (approved, rest) = waiting.split_at(arguments.approvals.min(waiting.len() / 2));
    let latencies = approve(&server, &folder, approved).await?;
    report.row(
        Row::new("from the approval to the task's end")
            .judged("p50", latencies.median(), "ms", Some(Bar::AtMost(10.0)))
            .judged("p99", latencies.at(0.99), "ms", Some(Bar::AtMost(50.0))),
    );

    // Dropped, a server is killed.
    drop(server);
    server = Server::start(place.setup(), &folder).await?;
    let began = Instant::now();
    let open = Api::open(server.address()).await?.waiting_tasks().await?;
    let listed = server.ready_after() + began.elapsed();
    ensure!(open == rest.len(), "{open} tasks wait, and {} should", rest.len());
    let again = approve(&server, &folder, &rest[..approved.len().min(rest.len())]).await?;
    report.row(
        Row::new("after a kill: until ready, and all of them listed")
            .figure("ready", milliseconds(server.ready_after()), "ms")
            .figure("listed", milliseconds(listed), "ms")
            .judged("lost", (rest.len() - open) as f64, "", Some(Bar::AtMost(0.0)))
            .figure("approval to end, p50", again.median(), "ms"),
    );
    report.note(format!(
        "Each task makes one call that a rule holds. Approvals are given one after another over HTTP. Data in {}.",
        arguments.common.database()
    ));
    place.finish(report)
}

async fn rested(arguments: &Arguments, server: &Server) -> anyhow::Result<Memory> {
    tokio::time::sleep(Duration::from_secs(arguments.rest)).await;
    server.memory()
}

/// Submits tasks that each come to wait, and gives their ids with their approvals'.
async fn submit(server: &Server, count: usize) -> anyhow::Result<Vec<(String, String)>> {
    let clients = (0..CLIENTS.min(count)).map(async |client| {
        let mut api = Api::open(server.address()).await?;
        let mut waiting = Vec::new();
        for number in (client..count).step_by(CLIENTS) {
            let task = api.run_until_stuck(&format!("return await {CALL}({{ id: {number} }})")).await?;
            let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
            let ids = text(&task["id"]).zip(text(&task["approvals"][0]["id"]));
            waiting.push(ids.with_context(|| format!("the task does not wait: {task}"))?);
        }
        anyhow::Ok(waiting)
    });
    Ok(try_join_all(clients).await?.into_iter().flatten().collect())
}

/// Approves one after another, and gives how long each task took from then to its end.
async fn approve(server: &Server, folder: &Path, waiting: &[(String, String)]) -> anyhow::Result<Durations> {
    let published: serde_json::Value = serde_json::from_slice(&fs_err::read(folder.join("server.json"))?)?;
    let token = published["token"].as_str().context("a server without a token")?;
    let (mut watcher, mut decider) = (Api::open(server.address()).await?, Api::open(server.address()).await?);
    let mut latencies = Vec::new();
    for (task, approval) in waiting {
        let ended = watcher.end_of(task);
        let decided = async {
            // The other one has to be waiting by now.
            tokio::time::sleep(Duration::from_millis(5)).await;
            let began = Instant::now();
            decider.approve(approval, token).await?;
            anyhow::Ok(began)
        };
        let (ended, began) = tokio::try_join!(ended, decided)?;
        latencies.push(ended.duration_since(began));
    }
    Ok(Durations::new(latencies))
}
