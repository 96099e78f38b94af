//! Measures how often search finds the wanted tools among its first answers.
//!
//! Each step of a task is one query; a tool is found at k if its name is among the first k answers to any step;
//! recall at k is the mean over tasks of found / wanted. Weights are tuned on one fixed half of the tasks; the
//! figure that counts is the other half's.

#![allow(clippy::print_stdout, reason = "looking for weights is a conversation")]

use std::collections::HashSet;
use std::path::PathBuf;

use clap::Parser;
use executor_bench::common::Common;
use executor_bench::corpus::{self, Corpus, Task};
use executor_bench::random::Random;
use executor_bench::report::{Bar, Report, Row};
use executor_bench::statistics::{interval, mean};
use executor_catalog::search::{Index, Query, Weights};

/// The depths at which recall is reported.
const DEPTHS: [usize; 4] = [1, 5, 10, 50];

/// At which depth there is a bar, and the bar.
const JUDGED: usize = 5;
const BAR: Bar = Bar::AtLeast(0.78);

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    /// The folder with `tools.jsonl` and `queries.jsonl`.
    #[arg(long, env = "EXECUTOR_BENCH_CORPUS")]
    corpus: Option<PathBuf>,
    /// Measure each weight's own contribution: everything the same, without it. On the tuning half.
    #[arg(long)]
    ablate: bool,
    /// Look for better weights on this many samples of the tuning half.
    #[arg(long, default_value_t = 0)]
    tune: usize,
    /// Change a weight: `theme=0.3`.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    settings: Vec<String>,
    /// List what the tuning half misses.
    #[arg(long)]
    misses: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let (place, mut report) = arguments.common.begin("search_quality")?;
    let corpus = Corpus::read(&corpus::folder(arguments.corpus))?;
    let mut index = corpus.index();
    let (tuning, held): (Vec<Task>, Vec<Task>) = corpus.tasks.iter().cloned().partition(Task::is_for_tuning);
    let mut weights = Weights::default();
    for setting in &arguments.settings {
        apply(&mut weights, setting)?;
    }
    if arguments.tune > 0 {
        weights = tune_on_samples(&mut index, &tuning, weights, arguments.tune);
    }
    index.set_weights(weights);
    if arguments.tune > 0 {
        println!("{weights:#?}");
    }
    if arguments.ablate {
        ablate(&mut index, &tuning, weights);
        return Ok(());
    }
    if arguments.misses {
        show_misses(&index, &tuning);
        return Ok(());
    }
    add_rows(&mut report, "the half that weights were not tuned on", &index, &held, true);
    add_rows(&mut report, "the half that they were", &index, &tuning, false);
    add_rows(&mut report, "all", &index, &corpus.tasks, false);
    report.note(format!("{} tools. No model: words, fields, synonyms and priors.", index.len()));
    place.finish(report)
}

fn add_rows(report: &mut Report, title: &str, index: &Index, tasks: &[Task], is_judged: bool) {
    for depth in DEPTHS {
        let recalls: Vec<f64> = tasks.iter().map(|task| recall(index, task, depth)).collect();
        let (low, high) = interval(&recalls);
        let bar = (is_judged && depth == JUDGED).then_some(BAR);
        let row = Row::new(format!("recall at {depth}, {title} ({} tasks)", tasks.len()))
            .judged("", mean(&recalls), "", bar)
            .figure("in 95 % between", low, "")
            .figure("and", high, "");
        report.row(row);
    }
}

fn recall(index: &Index, task: &Task, depth: usize) -> f64 {
    let found = found(index, task, depth);
    task.tools.iter().filter(|tool| found.contains(*tool)).count() as f64 / task.tools.len().max(1) as f64
}

fn found(index: &Index, task: &Task, depth: usize) -> HashSet<String> {
    task.steps.iter().flat_map(|step| answers(index, step, depth)).collect()
}

fn answers(index: &Index, text: &str, limit: usize) -> Vec<String> {
    let query = Query { text, sources: None, effect: None, limit };
    index.search(&query).hits.into_iter().map(|hit| hit.name).collect()
}

/// What tuning looks at: recall at 5, and a little of the others, so that it is less a matter of luck.
fn objective(index: &Index, tasks: &[Task]) -> f64 {
    let mut sum = 0.0;
    for task in tasks {
        let answers: Vec<Vec<String>> = task.steps.iter().map(|step| answers(index, step, 20)).collect();
        let mut of_task = 0.0;
        for tool in &task.tools {
            let rank = answers.iter().filter_map(|names| names.iter().position(|name| name == tool)).min();
            of_task += rank.map_or(0.0, |rank| {
                let hard = if rank < 5 { 0.3 } else { 0.0 };
                hard + 1.0 / (1.0 + rank as f64 / 4.0)
            });
        }
        sum += of_task / task.tools.len().max(1) as f64;
    }
    sum / tasks.len().max(1) as f64
}

/// Tunes on many samples of the tasks and takes the middle, so that no single task decides.
fn tune_on_samples(index: &mut Index, tasks: &[Task], start: Weights, samples: usize) -> Weights {
    let mut random = Random::new(7);
    let mut tuned: Vec<Weights> = Vec::new();
    for _ in 0..samples {
        let sample: Vec<Task> = tasks.iter().filter_map(|_| random.choose(tasks)).cloned().collect();
        tuned.push((0..3).fold(start, |weights, _| tune(index, &sample, weights)));
    }
    let mut middle = start;
    for (name, _) in named(&mut start.clone()) {
        let mut values: Vec<f32> = tuned.iter().map(|weights| value(*weights, name)).collect();
        values.sort_by(f32::total_cmp);
        let at = |share: usize| values.get(values.len() * share / 4).copied().unwrap_or_default();
        println!("  {name:20} {:.2} to {:.2}, middle {:.2}", at(1), at(3), at(2));
        set(&mut middle, name, at(2));
    }
    middle
}

/// One round over all weights, each tried larger and smaller.
fn tune(index: &mut Index, tasks: &[Task], mut best: Weights) -> Weights {
    let mut measure = |weights: Weights| {
        index.set_weights(weights);
        objective(index, tasks)
    };
    let mut best_measure = measure(best);
    for (name, _) in named(&mut best.clone()) {
        let current = value(best, name);
        let steps = [0.5, 0.75, 0.9, 1.1, 1.33, 2.0].map(|factor| current * factor);
        for candidate in steps.into_iter().chain([0.0, current + 0.05, current + 0.2]) {
            let mut weights = best;
            set(&mut weights, name, candidate);
            let reached = measure(weights);
            if reached > best_measure + 1e-9 {
                (best, best_measure) = (weights, reached);
            }
        }
    }
    best
}

fn ablate(index: &mut Index, tasks: &[Task], weights: Weights) {
    println!("without:                recall at 5, objective");
    for (name, _) in named(&mut weights.clone()) {
        let mut without = weights;
        let neutral_is_one = ["deprecated", "saturation", "action"].contains(&name);
        set(&mut without, name, if neutral_is_one { 1.0 } else { 0.0 });
        index.set_weights(without);
        let recalls: Vec<f64> = tasks.iter().map(|task| recall(index, task, 5)).collect();
        println!("  {name:24} {:.3} {:.4}", mean(&recalls), objective(index, tasks));
    }
}

fn show_misses(index: &Index, tasks: &[Task]) {
    for task in tasks {
        let found = found(index, task, 5);
        let missed: Vec<&String> = task.tools.iter().filter(|tool| !found.contains(*tool)).collect();
        if missed.is_empty() {
            continue;
        }
        println!("\nmissed {missed:?}");
        for step in &task.steps {
            println!("  {step}\n    {:?}", answers(index, step, 5));
        }
    }
}

fn named(weights: &mut Weights) -> Vec<(&'static str, &mut f32)> {
    let [path, summary, description, parameters] = &mut weights.fields;
    let [path_norm, summary_norm, description_norm, parameters_norm] = &mut weights.normalisation;
    vec![
        ("saturation", &mut weights.saturation),
        ("path", path),
        ("summary", summary),
        ("description", description),
        ("parameters", parameters),
        ("path_norm", path_norm),
        ("summary_norm", summary_norm),
        ("description_norm", description_norm),
        ("parameters_norm", parameters_norm),
        ("source", &mut weights.source),
        ("named", &mut weights.named),
        ("theme", &mut weights.theme),
        ("synonym", &mut weights.synonym),
        ("joined", &mut weights.joined),
        ("correction", &mut weights.correction),
        ("action", &mut weights.action),
        ("whole_path", &mut weights.whole_path),
        ("purpose", &mut weights.purpose),
        ("deprecated", &mut weights.deprecated),
    ]
}

fn value(mut weights: Weights, name: &str) -> f32 {
    named(&mut weights).into_iter().find(|(known, _)| *known == name).map_or(0.0, |(_, value)| *value)
}

fn set(weights: &mut Weights, name: &str, to: f32) {
    if let Some((_, value)) = named(weights).into_iter().find(|(known, _)| *known == name) {
        *value = to;
    }
}

fn apply(weights: &mut Weights, setting: &str) -> anyhow::Result<()> {
    let (name, to) =
        setting.split_once('=').ok_or_else(|| anyhow::anyhow!("`{setting}` is not NAME=VALUE"))?;
    anyhow::ensure!(named(weights).iter().any(|(known, _)| *known == name), "there is no weight `{name}`");
    set(weights, name, to.parse()?);
    Ok(())
}
