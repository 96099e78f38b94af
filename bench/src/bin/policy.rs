//! Measures what deciding about a call costs, with few rules and with many.
//!
//! The rules are those of an organization with a hundred sources: most are about one source, one in fifty is about all,
//! one in four has a condition, and the one that decides is the last. Beside it stands the worst case: every rule is about
//! the tool and has a condition that does not hold.

use std::time::Instant;

use clap::Parser;
use executor_bench::common::Common;
use executor_bench::report::{Row, thousands};
use executor_bench::statistics::{Durations, milliseconds};
use executor_core::policy::{BoundConnection, Condition, Effect, Layer, Rule, RuleSet, Subject};
use executor_core::tool::SideEffect;
use executor_core::{Principal, Role, ToolPath};
use serde_json::{Value, json};
use uuid::Uuid;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    /// How many rules.
    #[arg(long, value_delimiter = ',', default_values_t = [10, 1_000, 10_000])]
    rules: Vec<usize>,
    /// How many decisions.
    #[arg(long, default_value_t = 20_000)]
    decisions: usize,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let (place, mut report) = arguments.common.begin("policy")?;
    for count in arguments.rules {
        for (kind, rules) in [("mixed", mixed(count)?), ("the worst", worst(count)?)] {
            let began = Instant::now();
            let set = RuleSet::new(rules.into_iter().map(|rule| (rule, None)));
            let set_up = began.elapsed();
            // The first decision reads the conditions.
            let first = measure(&set, 1)?;
            let rounds = if kind == "mixed" { arguments.decisions } else { arguments.decisions / 20 };
            let times = measure(&set, rounds.max(1))?;
            let row = Row::new(format!("a decision by {} rules, {kind}", thousands(count)))
                .figure("p50", times.median() * 1e3, "µs")
                .figure("p99", times.at(0.99) * 1e3, "µs")
                .figure("most", times.at(1.0) * 1e3, "µs")
                .figure("the first", first.median() * 1e3, "µs")
                .figure("set up in", milliseconds(set_up), "ms");
            report.row(row);
        }
    }
    place.finish(report)
}

/// How long each of so many decisions takes.
fn measure(set: &RuleSet, rounds: usize) -> anyhow::Result<Durations> {
    let path: ToolPath = "source7.orders.create".parse()?;
    let caller = caller();
    let amounts: Vec<Value> =
        (0..64).map(|n| json!({ "amount": n, "name": "an order", "items": [1, 2, 3] })).collect();
    let mut times = Vec::with_capacity(rounds);
    for round in 0..rounds {
        let connection =
            BoundConnection { id: Uuid::from_u128(1).into(), owner: Layer::Workspace, name: "work" };
        let subject = Subject {
            path: &path,
            side_effect: SideEffect::Write,
            connection: Some(connection),
            caller: &caller,
            arguments: Some(&amounts[round % amounts.len()]),
            review: None,
        };
        let began = Instant::now();
        std::hint::black_box(set.decide(&subject));
        times.push(began.elapsed());
    }
    Ok(Durations::new(times))
}

fn mixed(count: usize) -> anyhow::Result<Vec<Rule>> {
    let mut rules = Vec::with_capacity(count);
    for n in 0..count {
        let tools = match n {
            _ if n + 1 == count => "source7.orders.create".to_owned(),
            _ if n % 50 == 0 => "*.admin.*".to_owned(),
            _ => format!("source{}.group{}.*", n % 100, n % 7),
        };
        let condition = (n % 4 == 0).then_some("args.amount > 100 && caller.roles.exists(r, r == 'admin')");
        rules.push(rule(n, &tools, condition)?);
    }
    Ok(rules)
}

fn worst(count: usize) -> anyhow::Result<Vec<Rule>> {
    (0..count)
        .map(|n| rule(n, "*", Some(&format!("args.amount > {} && tool.source == 'other'", n % 100))))
        .collect()
}

fn rule(n: usize, tools: &str, condition: Option<&str>) -> anyhow::Result<Rule> {
    Ok(Rule {
        id: Uuid::from_u128(n as u128).into(),
        layer: if n.is_multiple_of(2) { Layer::Workspace } else { Layer::Organization },
        position: n as i64,
        effect: Effect::Allow,
        tools: tools.parse()?,
        connection: None,
        caller: None,
        // As the store reads it: not looked into before it is asked.
        condition: condition.map(Condition::unchecked),
        approvers: None,
    })
}

fn caller() -> Principal {
    Principal {
        account: Uuid::from_u128(2).into(),
        organization: Uuid::nil().into(),
        workspace: None,
        roles: [Role::Member].into(),
        groups: Default::default(),
        scopes: Default::default(),
        key: None,
        client: None,
        toolkit: None,
    }
}
