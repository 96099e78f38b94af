//! Measures how long adding a source takes, and how much memory: documents of real APIs, fetched by a running server
//! from an address, as a person would give it.

use std::time::{Duration, Instant};

use clap::Parser;
use executor_bench::api::Api;
use executor_bench::common::{Common, Place};
use executor_bench::processes;
use executor_bench::real_documents::{self, RealDocument};
use executor_bench::report::{Bar, Row};
use executor_bench::sampling::Sampling;
use executor_bench::server::Server;
use executor_bench::statistics::{median, megabytes};
use executor_bench::upstream::Upstream;
use serde_json::{Value, json};

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    /// Which documents: github, stripe, kubernetes, graph-beta.
    #[arg(long, value_delimiter = ',', default_value = "github,stripe,kubernetes,graph-beta")]
    documents: Vec<String>,
    /// How often each is imported, into a fresh server each time.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// How long a server is left alone before and after, in seconds.
    #[arg(long, default_value_t = 1)]
    rest: u64,
}

/// One import.
struct Imported {
    seconds: f64,
    tools: f64,
    skipped: usize,
    /// The steps that were told meanwhile.
    steps: usize,
    /// Above idle, in MB: the highest that was resident in the server, the highest of all processes that was seen,
    /// and what is left after a rest.
    resident: f64,
    sampled: f64,
    left: f64,
    processor: f64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let (place, mut report) = arguments.common.begin("import")?;
    real_documents::fetch()?;
    let files = Upstream::start(Some(&real_documents::folder()?))?;
    for name in &arguments.documents {
        let document = RealDocument::named(name)?;
        let mut runs = Vec::new();
        for run in 0..arguments.runs {
            let source = json!({
                "name": "imported", "baseUrl": document.base_url,
                "url": format!("{}/files/{}", files.url(), document.path()),
            });
            let rest = Duration::from_secs(arguments.rest);
            runs.push(import(&place, &format!("{name}-{run}"), &source, rest).await?);
        }
        report.row(row(&document, &runs)?);
    }
    report.note(format!(
        "Medians of {} imports, each into a fresh server; data in {}. The peak is the highest resident memory of the \
         server above what it had before.",
        arguments.runs,
        arguments.common.database()
    ));
    place.finish(report)
}

async fn import(place: &Place, folder: &str, source: &Value, rest: Duration) -> anyhow::Result<Imported> {
    let server = Server::start(place.setup(), &place.folder(folder)?).await?;
    tokio::time::sleep(rest).await;
    let mut api = Api::open(server.address()).await?;
    api.remove_source("imported").await?;
    let idle = server.memory()?.proportional;
    processes::forget_peak(server.id())?;
    let (idle_resident, _) = processes::resident(server.id())?;
    let used = server.processor()?;
    let sampling = Sampling::start(server.id(), Duration::from_millis(20));
    let (began, mut steps) = (Instant::now(), 0);
    let mut watch =
        |part: &[u8]| steps += part.windows(15).filter(|window| window == b"event: progress").count();
    let added = api.add_source_watched(source, &mut watch).await?;
    let seconds = began.elapsed().as_secs_f64();
    let processor = server.processor()?.since(used).all().as_secs_f64();
    let sampled = sampling.stop();
    let (_, resident) = processes::resident(server.id())?;
    tokio::time::sleep(rest).await;
    let left = server.memory()?.proportional;
    server.stop()?;
    Ok(Imported {
        seconds,
        tools: added["tools"].as_f64().unwrap_or(0.0),
        skipped: added["skipped"].as_array().map_or(0, Vec::len),
        steps,
        resident: megabytes(resident.saturating_sub(idle_resident)),
        sampled: megabytes(sampled.saturating_sub(idle)),
        left: megabytes(left.saturating_sub(idle)),
        processor,
    })
}

fn row(document: &RealDocument, runs: &[Imported]) -> anyhow::Result<Row> {
    let of = |figure: fn(&Imported) -> f64| median(runs.iter().map(figure).collect());
    let (seconds, memory) = match document.name {
        "github" => (Some(Bar::AtMost(0.8)), Some(Bar::AtMost(150.0))),
        "graph-beta" => (Some(Bar::AtMost(5.0)), Some(Bar::AtMost(400.0))),
        _ => (None, None),
    };
    Ok(Row::new(format!("{}, {:.1} MB", document.name, megabytes(document.size()?)))
        .judged("", of(|run| run.seconds), "s", seconds)
        .judged("peak", of(|run| run.resident), "MB above idle", memory)
        .figure("sampled", of(|run| run.sampled), "MB")
        .figure("left", of(|run| run.left), "MB")
        .figure("processor", of(|run| run.processor), "s")
        .figure("tools", of(|run| run.tools), "")
        .figure("left out", of(|run| run.skipped as f64), "")
        .figure("steps told", of(|run| run.steps as f64), ""))
}
