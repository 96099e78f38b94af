//! How often search finds the operation that a person means, among the tools of a whole collection.
//!
//! `data/task_phrases.tsv` has operations that were drawn at random, at most three of a document, and for each what a
//! person with a task would say, written before anything was measured. What has no name of its own is left out: an
//! operation whose summary another one of the same document shares, and one that nobody could tell from its siblings.
//! What is meant counts, and so does the same in another document, as that of another version: a tool of the same name and
//! the same summary, for the same method and path.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use anyhow::Context;
use executor_bench::corpus::{is_for_tuning, source_id};
use executor_bench::report::{Bar, Report, Row, thousands};
use executor_bench::statistics::{Durations, interval, mean};
use executor_catalog::search::{Entry, Index, Naming, Query};
use executor_core::tool::Tool;
use executor_sources::Kinds;
use serde_json::Value;

use crate::documents::Document;
use crate::imports;

const PHRASES: &str = include_str!("../../../data/task_phrases.tsv");

/// The depths at which recall is reported, and at which it is judged.
const DEPTHS: [usize; 3] = [1, 5, 10];
const JUDGED: usize = 5;

/// What somebody says, and the operation that they mean.
struct Phrase {
    /// The document's path in its collection, and the operation as `GET /path`.
    meant: (&'static str, &'static str),
    text: &'static str,
}

/// Indexes every tool of the documents and looks for what is meant. So many of what the tuning half misses are told.
pub(crate) fn measure(
    kinds: &Kinds,
    documents: &[Document],
    misses: usize,
    report: &mut Report,
) -> anyhow::Result<()> {
    let phrases: Vec<Phrase> = PHRASES.lines().map(phrase).collect::<anyhow::Result<_>>()?;
    let meant: HashSet<_> = phrases.iter().map(|phrase| phrase.meant).collect();
    let (index, paths) = build(kinds, documents, &meant)?;
    let mut took = Vec::new();
    let ranks: Vec<Option<usize>> = phrases
        .iter()
        .map(|phrase| {
            let began = Instant::now();
            let query = Query { text: phrase.text, sources: None, effect: None, limit: 10 };
            let found = index.search(&query);
            took.push(began.elapsed());
            let paths = paths.get(&phrase.meant)?;
            found.hits.iter().position(|hit| paths.contains(&format!("{}.{}", hit.source_name, hit.name)))
        })
        .collect();
    let known = phrases.iter().filter(|phrase| paths.contains_key(&phrase.meant)).count();
    report.note(format!("{known} of the {} operations that are meant are tools.", phrases.len()));
    let halves = [("the half that counts", false), ("the half to tune on", true)];
    for (title, tuning) in halves {
        let of_half = phrases.iter().zip(&ranks).filter(|(phrase, _)| is_for_tuning(phrase.text) == tuning);
        let of_half: Vec<Option<usize>> = of_half.map(|(_, rank)| *rank).collect();
        for depth in DEPTHS {
            let found = |rank: &Option<usize>| f64::from(u8::from(rank.is_some_and(|rank| rank < depth)));
            let recalls: Vec<f64> = of_half.iter().map(found).collect();
            let (low, high) = interval(&recalls);
            let bar = (!tuning && depth == JUDGED).then_some(Bar::AtLeast(0.7));
            report.row(
                Row::new(format!("recall at {depth}, {title} ({} phrases)", recalls.len()))
                    .judged("", mean(&recalls), "", bar)
                    .figure("in 95 % between", low, "")
                    .figure("and", high, ""),
            );
        }
    }
    let reciprocals: Vec<f64> =
        of_reported(&phrases, &ranks).map(|rank| rank.map_or(0.0, |rank| 1.0 / (rank + 1) as f64)).collect();
    report.row(Row::new("mean of 1 / rank, the half that counts").figure("", mean(&reciprocals), ""));
    let missed =
        phrases.iter().zip(&ranks).filter(|(phrase, rank)| is_for_tuning(phrase.text) && rank.is_none());
    for (phrase, _) in missed.take(misses) {
        let query = Query { text: phrase.text, sources: None, effect: None, limit: 3 };
        let found = index.search(&query).hits;
        let found: Vec<_> = found.iter().map(|hit| format!("{}.{}", hit.source_name, hit.name)).collect();
        let meant =
            paths.get(&phrase.meant).and_then(|paths| paths.first()).map_or("no tool", String::as_str);
        report.note(format!("missed: {} means {meant}, found {}", phrase.text, found.join(", ")));
    }
    let took = Durations::new(took);
    report.row(
        Row::new(format!("a search of {} tools", thousands(index.len())))
            .figure("p50", took.median(), "ms")
            .judged("p99", took.at(0.99), "ms", Some(Bar::AtMost(10.0)))
            .judged(
                "",
                index.size() as f64 / index.len().max(1) as f64,
                "bytes a tool",
                Some(Bar::AtMost(300.0)),
            ),
    );
    Ok(())
}

fn of_reported<'p>(phrases: &'p [Phrase], ranks: &'p [Option<usize>]) -> impl Iterator<Item = Option<usize>> {
    phrases.iter().zip(ranks).filter(|(phrase, _)| !is_for_tuning(phrase.text)).map(|(_, rank)| *rank)
}

fn phrase(line: &'static str) -> anyhow::Result<Phrase> {
    let mut columns = line.split('\t');
    let (document, operation, text) = (columns.next(), columns.next(), columns.next());
    let whole =
        document.zip(operation).zip(text).with_context(|| format!("a phrase has three columns: {line}"))?;
    let ((document, operation), text) = whole;
    let document = document.strip_prefix("api/").unwrap_or(document);
    Ok(Phrase { meant: (document, operation), text })
}

type Meant = (&'static str, &'static str);

/// What tools have in common that are the same: operation, name and summary.
type Alike = (String, String, String);

/// An index of all tools, each document a source by the name that it suggests; and the paths of what is meant, its own
/// first.
fn build(
    kinds: &Kinds,
    documents: &[Document],
    meant: &HashSet<Meant>,
) -> anyhow::Result<(Index, HashMap<Meant, Vec<String>>)> {
    let operations: HashSet<&str> = meant.iter().map(|(_, operation)| *operation).collect();
    let (mut index, mut names) = (Index::new(), HashMap::<String, usize>::new());
    let (mut own, mut alike) = (HashMap::new(), HashMap::<Alike, Vec<String>>::new());
    for (number, document) in documents.iter().enumerate() {
        // What cannot be imported is told of elsewhere.
        let Ok(read) = imports::read(kinds, &fs_err::read(&document.file)?, None) else { continue };
        let detection = read.claimed.detection;
        let times =
            names.entry(detection.suggested_name.clone()).and_modify(|times| *times += 1).or_insert(1);
        let name = match *times {
            1 => detection.suggested_name,
            times => format!("{}{times}", detection.suggested_name),
        };
        let of_document: HashMap<&str, Meant> =
            meant.iter().filter(|(file, _)| *file == document.name).map(|meant| (meant.1, *meant)).collect();
        for tool in &read.import.tools {
            let operation = operation(tool);
            if operations.contains(&*operation) {
                let path = format!("{name}.{}", tool.name);
                let kind = (operation, tool.name.clone(), tool.summary.clone());
                if let Some(meant) = of_document.get(&*kind.0) {
                    own.insert(*meant, (path.clone(), kind.clone()));
                }
                alike.entry(kind).or_default().push(path);
            }
        }
        let url = detection.base_url.unwrap_or_default();
        let naming = Naming { name: &name, title: &detection.title, url: &url };
        index.replace(source_id(number), naming, read.import.tools.iter().map(entry));
    }
    let with_alike = own.into_iter().map(|(meant, (path, kind))| {
        let others = alike.get(&kind).into_iter().flatten().filter(|other| **other != path).cloned();
        (meant, std::iter::once(path.clone()).chain(others).collect())
    });
    Ok((index, with_alike.collect()))
}

/// The operation of a tool as `GET /path`.
fn operation(tool: &Tool) -> String {
    let own = tool.operation.read::<Value>().unwrap_or_default();
    let text = |name: &str| own.get(name).and_then(Value::as_str).unwrap_or_default();
    format!("{} {}", text("method"), text("path"))
}

fn entry(tool: &Tool) -> Entry<'_> {
    let input: Value = tool.input.read().unwrap_or_default();
    let parameters = input.get("properties").and_then(Value::as_object);
    Entry {
        name: &tool.name,
        summary: &tool.summary,
        description: &tool.description,
        parameters: parameters
            .into_iter()
            .flat_map(|all| all.keys())
            .map(|name| name.clone().into())
            .collect(),
        side_effect: tool.side_effect,
        deprecated: tool.deprecated,
    }
}
