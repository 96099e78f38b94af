//! Measures how long building the index and searching it take, and how much memory a tool takes.
//!
//! The tools are made of the words of real ones: each synthetic tool takes its name, its sentences and its
//! parameters from several tools of the corpus, so that words are as frequent as they are there.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Parser;
use executor_bench::common::Common;
use executor_bench::corpus::{self, Corpus, Tool};
use executor_bench::random::Random;
use executor_bench::report::{Bar, Report, Row, thousands};
use executor_bench::statistics::{Durations, milliseconds};
use executor_catalog::search::{Entry, Index, Naming, Query};
use executor_core::tool::SideEffect;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    /// The folder with `tools.jsonl` and `queries.jsonl`.
    #[arg(long, env = "EXECUTOR_BENCH_CORPUS")]
    corpus: Option<PathBuf>,
    /// How many tools.
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 3_690, 10_000, 100_000])]
    tools: Vec<usize>,
    /// How many of them each source has.
    #[arg(long, value_delimiter = ',', default_values_t = [50, 1_000])]
    per_source: Vec<usize>,
    /// How many searches.
    #[arg(long, default_value_t = 2_000)]
    searches: usize,
}

struct Synthetic {
    name: String,
    summary: String,
    description: String,
    parameters: Vec<String>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let (place, mut report) = arguments.common.begin("search_latency")?;
    let corpus = Corpus::read(&corpus::folder(arguments.corpus.clone()))?;
    let queries: Vec<&str> = corpus.tasks.iter().flat_map(|task| &task.steps).map(String::as_str).collect();
    for count in &arguments.tools {
        let tools = synthetic(&corpus.tools, *count);
        for per_source in &arguments.per_source {
            measure(&arguments, &tools, *per_source, &queries, &mut report);
        }
    }
    report.note(format!(
        "{} searches each by the queries of the corpus, in this process: the index alone. What a search costs an agent \
         is the program `catalog`.",
        arguments.searches
    ));
    place.finish(report)
}

fn measure(
    arguments: &Arguments,
    tools: &[Synthetic],
    per_source: usize,
    queries: &[&str],
    report: &mut Report,
) {
    let began = Instant::now();
    let index = build(tools, per_source);
    let build = began.elapsed();
    let searches = timed(arguments.searches, |round| {
        let text = queries.get(round % queries.len()).copied().unwrap_or_default();
        index.search(&Query { text, sources: None, effect: None, limit: 10 }).hits.len()
    });
    let nearest = timed(arguments.searches / 10, |round| {
        let name = tools.get(round * 31 % tools.len()).map_or("", |tool| &tool.name);
        index.nearest(&format!("source0.{}x", name.replace('e', "")), None, 5).len()
    });
    let (p50, p99) = match tools.len() {
        0..=4_000 => (Some(Bar::AtMost(1.0)), None),
        100_000.. => (None, Some(Bar::AtMost(10.0))),
        _ => (None, None),
    };
    let row = Row::new(format!("{} tools, {} a source", thousands(tools.len()), thousands(per_source)))
        .judged("p50", searches.median(), "ms", p50)
        .judged("p99", searches.at(0.99), "ms", p99)
        .figure("most", searches.at(1.0), "ms")
        .figure("nearest name, p99", nearest.at(0.99), "ms")
        .figure("built in", milliseconds(build), "ms")
        .figure("", index.size() as f64 / tools.len().max(1) as f64, "bytes a tool");
    report.row(row);
}

fn build(tools: &[Synthetic], per_source: usize) -> Index {
    let mut index = Index::new();
    for (number, tools) in tools.chunks(per_source.max(1)).enumerate() {
        let name = format!("source{number}");
        let naming = Naming { name: &name, ..Naming::default() };
        index.replace(corpus::source_id(number), naming, tools.iter().map(entry));
    }
    index
}

fn entry(tool: &Synthetic) -> Entry<'_> {
    Entry {
        name: &tool.name,
        summary: &tool.summary,
        description: &tool.description,
        parameters: tool.parameters.iter().map(|name| name.as_str().into()).collect(),
        side_effect: SideEffect::Write,
        deprecated: false,
    }
}

fn synthetic(tools: &[Tool], count: usize) -> Vec<Synthetic> {
    let mut random = Random::new(42);
    let mut pick = || random.choose(tools);
    (0..count)
        .filter_map(|number| {
            let (named, described, taking) = (pick()?, pick()?, pick()?);
            let words: Vec<&str> = described.description.split_whitespace().collect();
            let summary = words.iter().take(10).copied().collect::<Vec<_>>().join(" ");
            let parameters = taking.input_schema.get("properties").and_then(|all| all.as_object());
            Some(Synthetic {
                name: format!("{}_{}", named.name.replace(['-', '.'], "_"), number % 1_000),
                summary,
                description: words.iter().skip(10).take(40).copied().collect::<Vec<_>>().join(" "),
                parameters: parameters.map(|all| all.keys().cloned().collect()).unwrap_or_default(),
            })
        })
        .collect()
}

fn timed(rounds: usize, mut run: impl FnMut(usize) -> usize) -> Durations {
    let measured = (0..rounds).map(|round| {
        let began = Instant::now();
        std::hint::black_box(run(round));
        began.elapsed()
    });
    Durations::new(measured.collect::<Vec<Duration>>())
}
