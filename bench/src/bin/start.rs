//! Measures how long a server takes from the start of its process until it is ready, and its memory when it is idle:
//! empty, and with many tools.

use std::path::Path;
use std::time::{Duration, Instant};

use clap::Parser;
use executor_bench::api::Api;
use executor_bench::common::{Common, Place};
use executor_bench::processes::Memory;
use executor_bench::report::{Bar, Report, Row};
use executor_bench::server::Server;
use executor_bench::statistics::{Durations, megabytes};
use executor_bench::synthetic_document::{self, OPERATIONS};
use serde_json::json;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    /// With how many tools.
    #[arg(long, value_delimiter = ',', default_values_t = [4_000, 100_000])]
    tools: Vec<usize>,
    /// How many starts each figure is of.
    #[arg(long, default_value_t = 10)]
    starts: usize,
    /// How long a server is left alone before its memory is looked at, in seconds.
    #[arg(long, default_value_t = 5)]
    rest: u64,
}

/// What several starts took.
struct Starts {
    ready: Durations,
    answered: Durations,
    idle: Memory,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let (place, mut report) = arguments.common.begin("start")?;
    let size = fs_err::metadata(&place.setup().executor)?.len();
    report.row(Row::new("size of the binary").judged("", megabytes(size), "MB", Some(Bar::AtMost(40.0))));
    if arguments.common.database_url.is_none() {
        first_starts(&arguments, &place, &mut report).await?;
    }
    let folder = place.folder("kept")?;
    Server::start(place.setup(), &folder).await?.stop()?;
    let starts = measure(&arguments, &place, &folder, false).await?;
    add_rows(&mut report, "empty", &starts, Some(50.0), Some(30.0));
    let mut sources = 0;
    for &tools in &arguments.tools {
        let wanted = tools.div_ceil(OPERATIONS);
        fill(&place, &folder, sources..wanted, &mut report).await?;
        sources = sources.max(wanted);
        let starts = measure(&arguments, &place, &folder, true).await?;
        let bars = match tools {
            4_000 => (None, Some(60.0)),
            100_000 => (Some(500.0), None),
            _ => (None, None),
        };
        add_rows(&mut report, &format!("with {} tools", sources * OPERATIONS), &starts, bars.0, bars.1);
    }
    report.note(format!(
        "{} starts each, the files in the system's cache, data in {}.",
        arguments.starts,
        arguments.common.database()
    ));
    place.finish(report)
}

/// Starts on data directories that are not there yet.
async fn first_starts(arguments: &Arguments, place: &Place, report: &mut Report) -> anyhow::Result<()> {
    let mut ready = Vec::new();
    for start in 0..arguments.starts {
        let server = Server::start(place.setup(), &place.folder(&format!("first-{start}"))?).await?;
        ready.push(server.ready_after());
        server.stop()?;
    }
    let ready = Durations::new(ready);
    let row = Row::new("the very first start, until ready")
        .judged("p50", ready.median(), "ms", Some(Bar::AtMost(50.0)))
        .figure("least", ready.at(0.0), "ms")
        .figure("most", ready.at(1.0), "ms");
    report.row(row);
    Ok(())
}

/// Starts on a data directory again and again, and leaves the last one alone for a while.
async fn measure(
    arguments: &Arguments,
    place: &Place,
    folder: &Path,
    has_tools: bool,
) -> anyhow::Result<Starts> {
    let (mut ready, mut answered) = (Vec::new(), Vec::new());
    let mut last = None;
    for _ in 0..arguments.starts {
        if let Some(server) = last.take() {
            Server::stop(server)?;
        }
        let server = Server::start(place.setup(), folder).await?;
        ready.push(server.ready_after());
        let began = Instant::now();
        let found = Api::open(server.address()).await?.search("list active accounts").await?;
        anyhow::ensure!(found.is_empty() != has_tools, "the search found {found:?}");
        answered.push(server.ready_after() + began.elapsed());
        last = Some(server);
    }
    tokio::time::sleep(Duration::from_secs(arguments.rest)).await;
    let idle = last.as_ref().map(Server::memory).transpose()?.unwrap_or_default();
    last.map(Server::stop).transpose()?;
    Ok(Starts { ready: Durations::new(ready), answered: Durations::new(answered), idle })
}

fn add_rows(report: &mut Report, title: &str, starts: &Starts, ready: Option<f64>, idle: Option<f64>) {
    let row = Row::new(format!("{title}: until ready"))
        .judged("p50", starts.ready.median(), "ms", ready.map(Bar::AtMost))
        .figure("least", starts.ready.at(0.0), "ms")
        .figure("most", starts.ready.at(1.0), "ms")
        .figure("a search answered, p50", starts.answered.median(), "ms");
    report.row(row);
    let row = Row::new(format!("{title}: idle memory of all processes"))
        .judged("", megabytes(starts.idle.proportional), "MB", idle.map(Bar::AtMost))
        .figure("processes", starts.idle.processes as f64, "");
    report.row(row);
}

/// Adds synthetic sources of these numbers.
async fn fill(
    place: &Place,
    folder: &Path,
    numbers: std::ops::Range<usize>,
    report: &mut Report,
) -> anyhow::Result<()> {
    let server = Server::start(place.setup(), folder).await?;
    let mut api = Api::open(server.address()).await?;
    let (began, count) = (Instant::now(), numbers.len());
    for number in numbers {
        let name = format!("synthetic{number}");
        api.remove_source(&name).await?;
        let document = synthetic_document::document(number, OPERATIONS);
        api.add_source(&json!({"name": name, "document": document.to_string()})).await?;
    }
    let row = Row::new(format!("adding {count} sources of {OPERATIONS} tools"))
        .figure("", began.elapsed().as_secs_f64(), "s")
        .figure("memory then", megabytes(server.memory()?.proportional), "MB");
    report.row(row);
    server.stop()
}
