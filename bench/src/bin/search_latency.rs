//! Measures how long building the index and searching it take, and how much memory a tool takes.
//!
//! The tools are made of the words of real ones: each synthetic tool takes its name, its sentences and its
//! parameters from several tools of the corpus, so that words are as frequent as they are there.

#![allow(clippy::print_stdout, reason = "a measuring program reports on its standard output")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Parser;
use executor_bench::corpus::{self, Corpus, Tool};
use executor_bench::random::Random;
use executor_catalog::search::{Entry, Index, Query};
use executor_core::tool::SideEffect;

#[derive(Parser)]
struct Arguments {
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
    let corpus = Corpus::read(&corpus::folder(arguments.corpus))?;
    let queries: Vec<&str> = corpus.tasks.iter().flat_map(|task| &task.steps).map(String::as_str).collect();
    println!(
        "  tools  sources  build ms  bytes/tool  text/tool  search µs p50      p99      max  nearest µs p99"
    );
    for count in arguments.tools {
        let tools = synthetic(&corpus.tools, count);
        let text: usize = tools.iter().map(size_of_text).sum();
        for per_source in &arguments.per_source {
            let began = Instant::now();
            let index = build(&tools, *per_source);
            let build = began.elapsed();
            let mut searches = measure(arguments.searches, |round| {
                let text = queries.get(round % queries.len()).copied().unwrap_or_default();
                index.search(&Query { text, sources: None, effect: None, limit: 10 }).hits.len()
            });
            let mut nearest = measure(arguments.searches / 10, |round| {
                let name = &tools[round * 31 % tools.len()].name;
                index.nearest(&format!("source0.{}x", name.replace('e', "")), None, 5).len()
            });
            println!(
                "{count:7}  {:7}  {:8.1}  {:10}  {:9}  {:13}  {:7}  {:7}  {:14}",
                count.div_ceil(*per_source),
                build.as_secs_f64() * 1e3,
                index.size() / count.max(1),
                text / count.max(1),
                at(&mut searches, 0.5).as_micros(),
                at(&mut searches, 0.99).as_micros(),
                at(&mut searches, 1.0).as_micros(),
                at(&mut nearest, 0.99).as_micros(),
            );
        }
    }
    Ok(())
}

fn build(tools: &[Synthetic], per_source: usize) -> Index {
    let mut index = Index::new();
    for (number, tools) in tools.chunks(per_source.max(1)).enumerate() {
        index.replace(corpus::source_id(number), &format!("source{number}"), tools.iter().map(entry));
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

fn size_of_text(tool: &Synthetic) -> usize {
    tool.name.len()
        + tool.summary.len()
        + tool.description.len()
        + tool.parameters.iter().map(String::len).sum::<usize>()
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

fn measure(rounds: usize, mut run: impl FnMut(usize) -> usize) -> Vec<Duration> {
    (0..rounds)
        .map(|round| {
            let began = Instant::now();
            std::hint::black_box(run(round));
            began.elapsed()
        })
        .collect()
}

/// The duration that this share of the runs does not exceed.
fn at(durations: &mut [Duration], share: f64) -> Duration {
    durations.sort_unstable();
    let place = (durations.len() as f64 * share) as usize;
    durations.get(place.min(durations.len().saturating_sub(1))).copied().unwrap_or_default()
}
