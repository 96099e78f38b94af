//! Calling a sample of all tools.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use anyhow::Context;
use executor_bench::random::Random;
use executor_catalog::arguments::ArgumentsChecker;
use executor_core::ToolPath;
use executor_core::tool::Tool;
use executor_sources::{Call, Kinds, Sending};
use serde_json::{Map, Value};

use crate::arguments::Generator;
use crate::imports::{self, Imported, Read};
use crate::mock::Mock;
use crate::operations::{self, Operation};
use crate::parameters::Given;
use crate::reasons::Reasons;
use crate::request;

/// Where the API is on the server.
const BASE: &str = "/base";
/// How often arguments are made for a tool until they fit its schema.
const TRIES: usize = 8;
/// How long a call may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What came of the calls.
#[derive(Debug, Default)]
pub(crate) struct Called {
    pub(crate) drawn: usize,
    pub(crate) passed: usize,
    /// No arguments were found, which says nothing about the source.
    pub(crate) not_made: Reasons,
    /// Right as far as it could be judged.
    pub(crate) not_judged: Reasons,
    pub(crate) wrong: Reasons,
    pub(crate) took: Duration,
}

/// Calls so many tools, drawn from all documents alike.
pub(crate) fn call(kinds: &Kinds, documents: &[Imported], count: usize, seed: u64) -> anyhow::Result<Called> {
    let began = Instant::now();
    let mut called = Called::default();
    let mock = Mock::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for (document, numbers) in drawn(documents, count, seed) {
        let document = &documents[document];
        let bytes = fs_err::read(&document.document.file)?;
        let base_url = format!("{}{BASE}", mock.url());
        let Ok(read) = imports::read(kinds, &bytes, Some(&base_url)) else { continue };
        let raw: Value = serde_json::from_slice(&bytes)?;
        let operations = operations::all(&raw);
        let schemas: HashMap<&str, Value> = read
            .import
            .schemas
            .iter()
            .filter_map(|schema| Some((schema.name.as_str(), schema.schema.read().ok()?)))
            .collect();
        for number in numbers {
            let Some(tool) = read.import.tools.get(number) else { continue };
            let random = Random::new(seed ^ (number as u64) << 20 ^ document.document.size);
            let generator = Generator { schemas: &schemas, random, generosity: 3 };
            let caller = Caller { read: &read, operations: &operations, mock: &mock, runtime: &runtime };
            called.drawn += 1;
            let example = |what: &str| format!("{} of {}{what}", tool.name, document.document.name);
            match caller.one(tool, generator)? {
                Outcome::NotMade(reason) => called.not_made.add(&reason, || example("")),
                Outcome::Right => called.passed += 1,
                Outcome::NotJudged(reason) => {
                    called.passed += 1;
                    called.not_judged.add(&reason, || example(""));
                }
                Outcome::Wrong(reason) => called.wrong.add(&reason, || example(&format!(": {reason}"))),
            }
        }
    }
    called.took = began.elapsed();
    Ok(called)
}

/// By document, the numbers of the tools that are called.
fn drawn(documents: &[Imported], count: usize, seed: u64) -> BTreeMap<usize, Vec<usize>> {
    let all: Vec<(usize, usize)> = documents
        .iter()
        .enumerate()
        .flat_map(|(place, document)| (0..document.tools).map(move |tool| (place, tool)))
        .collect();
    let mut random = Random::new(seed);
    let mut places: Vec<usize> = (0..all.len()).collect();
    let mut drawn: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for place in 0..count.min(all.len()) {
        let other = place + random.below(all.len() - place);
        places.swap(place, other);
        let (document, tool) = all[places[place]];
        drawn.entry(document).or_default().push(tool);
    }
    drawn
}

enum Outcome {
    NotMade(String),
    Right,
    NotJudged(String),
    Wrong(String),
}

struct Caller<'c> {
    read: &'c Read,
    operations: &'c [Operation<'c>],
    mock: &'c Mock,
    runtime: &'c tokio::runtime::Runtime,
}

impl Caller<'_> {
    fn one(&self, tool: &Tool, mut generator: Generator<'_>) -> anyhow::Result<Outcome> {
        let (kind, base_url) = (&self.read.claimed.kind, &self.read.import.base_url);
        let input: Value = tool.input.read().context("an input that is no JSON")?;
        let places = match kind.reach(&tool.operation, base_url) {
            Ok(reach) => reach.places,
            Err(failure) => return Ok(Outcome::Wrong(failure.message)),
        };
        let arguments = match self.arguments(tool, &input, &places, &mut generator) {
            Ok(arguments) => arguments,
            Err(problem) => {
                return Ok(Outcome::NotMade(format!(
                    "No arguments were found that fit the schema: {problem}"
                )));
            }
        };
        let path = ToolPath::new("source", &tool.name)?;
        let context = self.read.import.context.as_ref();
        let call = Call {
            path: &path,
            operation: &tool.operation,
            base_url,
            context,
            arguments: &arguments,
            cursor: None,
        };
        let plan = match kind.plan(&call) {
            Ok(plan) => plan,
            Err(error) => return Ok(Outcome::Wrong(format!("It is refused: {}", error.message))),
        };
        let Some(operation) = self.operations.iter().find(|one| one.is(&plan.route, &tool.name)) else {
            return Ok(Outcome::Wrong("The document has no such operation.".to_owned()));
        };
        self.mock.forget();
        let sending = Sending {
            files: executor_sources::Files::new(),
            path: &path,
            plan,
            side_effect: tool.side_effect,
            kept_for: None,
            injection: None,
            timeout: TIMEOUT,
            answers: None,
            attendant: &executor_sources::Unattended,
        };
        let performed = self.runtime.block_on(kind.perform(sending));
        let Some(arrived) = self.mock.take() else {
            return Ok(Outcome::Wrong(format!("Nothing arrived: `{performed:?}`.")));
        };
        let given = Given { arguments: &arguments, places: &places };
        Ok(match request::judge(operation, BASE, &arrived, &given) {
            Ok(Ok(())) => Outcome::Right,
            Ok(Err(reason)) => Outcome::NotJudged(reason),
            Err(wrong) => Outcome::Wrong(wrong),
        })
    }

    /// Arguments that pass the check of the gate; the error is what was wrong with the last ones.
    fn arguments(
        &self,
        tool: &Tool,
        input: &Value,
        places: &BTreeMap<String, String>,
        generator: &mut Generator<'_>,
    ) -> Result<Map<String, Value>, String> {
        let schemas = &self.read.import.schemas;
        let resolve = |name: &str| {
            let place = schemas.binary_search_by(|schema| schema.name.as_str().cmp(name)).ok()?;
            Some(schemas[place].schema.clone())
        };
        let checker = ArgumentsChecker::compile(&tool.input, &resolve);
        let is_header = |name: &str| places.get(name).is_some_and(|place| place.starts_with("header"));
        let mut problem = String::new();
        for attempt in 0..TRIES {
            generator.generosity = if attempt < TRIES / 2 { 3 } else { 0 };
            let arguments = generator.arguments(input, &is_header);
            match checker.check(&Value::Object(arguments.clone())) {
                Ok(()) => return Ok(arguments),
                Err(problems) => {
                    problem = problems.into_iter().next().map(|first| first.message).unwrap_or_default();
                }
            }
        }
        Err(problem)
    }
}
