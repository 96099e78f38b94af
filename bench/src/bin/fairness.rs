//! Measures what a workspace that makes noise does to another one: the other's latency alone, and meanwhile.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use executor_bench::api::Api;
use executor_bench::common::Common;
use executor_bench::load::{Crowd, Until};
use executor_bench::mcp::Prepared;
use executor_bench::report::{Bar, Report, Row};
use executor_bench::server::Server;
use executor_bench::upstream::{CALL, Upstream};

/// What the quiet workspace calls.
const QUIET: &str = "return 1+1";

/// The workspace that makes the noise.
const NOISY: &str = "noisy";

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    /// How long each measurement goes on.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// How many clients make the noise.
    #[arg(long, default_value_t = 64)]
    clients: usize,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let (place, mut report) = arguments.common.begin("fairness")?;
    anyhow::ensure!(arguments.common.database_url.is_none(), "only on SQLite for now");
    let folder = place.folder("data")?;
    Server::start(place.setup(), &folder).await?.stop()?;
    add_workspace(&folder)?;
    let server = Server::start(place.setup(), &folder).await?;
    let upstream = Upstream::start(None)?;
    Api::open_in(NOISY, server.address()).await?.add_source(&upstream.source()).await?;
    let noises = [
        ("short tasks", QUIET.to_owned()),
        (
            "tasks that compute for a while",
            "let sum = 0; for (let i = 0; i < 2e6; i++) sum += i; return sum".to_owned(),
        ),
        (
            "tasks of 100 calls in parallel",
            format!(
                "return (await Promise.all(Array.from({{length: 100}}, (_, id) => {CALL}({{id}})))).length"
            ),
        ),
        (
            "tasks of 10,000 lines",
            "for (let line = 0; line < 10_000; line++) console.log('line', line); return 1".to_owned(),
        ),
    ];
    for (title, code) in noises {
        measure(&arguments, server.address(), title, &code, &mut report).await?;
    }
    report.note(format!(
        "The quiet workspace is one client that calls `{QUIET}`, measured alone just before; the noise is {} clients in \
         another workspace, each of which goes on as soon as it has its answer. All of them, and the clients, share the \
         cores, so a part of the difference is the processor's and not the queue's.",
        arguments.clients
    ));
    place.finish(report)
}

async fn measure(
    arguments: &Arguments,
    address: SocketAddr,
    title: &str,
    code: &str,
    report: &mut Report,
) -> anyhow::Result<()> {
    let duration = Duration::from_secs(arguments.seconds);
    let quiet = Prepared::execute(QUIET);
    let mut crowd = Crowd::open(address, 1).await?;
    crowd.call(&quiet, Until::Elapsed(duration / 8)).await?;
    let alone = crowd.call(&quiet, Until::Elapsed(duration)).await?.latencies;
    let mut noisy = Crowd::open_in(NOISY, address, arguments.clients).await?;
    let noise = Prepared::execute(code);
    // The noise begins earlier and ends later than what is measured.
    let during = async {
        tokio::time::sleep(duration / 8).await;
        crowd.call(&quiet, Until::Elapsed(duration)).await
    };
    let (made, meanwhile) = tokio::join!(noisy.call(&noise, Until::Elapsed(duration + duration / 4)), during);
    let (made, meanwhile) = (made?, meanwhile?.latencies);
    let row = Row::new(format!("noise: {title}"))
        .figure("p50 alone", alone.median(), "ms")
        .figure("meanwhile", meanwhile.median(), "ms")
        .figure("p99 alone", alone.at(0.99), "ms")
        .judged("p99 meanwhile", meanwhile.at(0.99), "ms", Some(Bar::AtMost(2.0 * alone.at(0.99))))
        .figure("the noise's p50", made.latencies.median(), "ms")
        .figure("", made.rate(), "a second");
    report.row(row);
    Ok(())
}

/// Adds a workspace to a data directory that nobody has open: there is no route for that yet.
fn add_workspace(folder: &Path) -> anyhow::Result<()> {
    let id = "wsp_00000000000070008000000000000001";
    let statement = format!(
        "INSERT INTO workspaces SELECT '{id}', organization_id, '{NOISY}', 'Noisy', created_at FROM workspaces LIMIT 1"
    );
    let output = Command::new("sqlite3").arg(folder.join("data.db")).arg(statement).output();
    let output = output.context("sqlite3 cannot be run; install it")?;
    anyhow::ensure!(output.status.success(), "sqlite3: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
