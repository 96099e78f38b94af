//! Measures what deciding about a call costs, with few rules and with many.
//!
//! The rules are those of an organization with a hundred sources: most are about one source, one in fifty is about all,
//! one in four has a condition, and the one that decides is the last. Beside it stands the worst case: every rule is about
//! the tool and has a condition that does not hold.

#![allow(clippy::print_stdout, reason = "a measuring program reports on its standard output")]

use std::time::{Duration, Instant};

use clap::Parser;
use executor_core::policy::{BoundConnection, Condition, Effect, Layer, Rule, RuleSet, Subject};
use executor_core::tool::SideEffect;
use executor_core::{Principal, Role, ToolPath};
use serde_json::{Value, json};
use uuid::Uuid;

#[derive(Parser)]
struct Arguments {
    /// How many rules.
    #[arg(long, value_delimiter = ',', default_values_t = [10, 1_000, 10_000])]
    rules: Vec<usize>,
    /// How many decisions.
    #[arg(long, default_value_t = 20_000)]
    decisions: usize,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    println!("   rules  kind      set up ms  first µs  p50 µs  p99 µs  max µs");
    for count in arguments.rules {
        for (kind, rules) in [("mixed", mixed(count)?), ("worst", worst(count)?)] {
            let began = Instant::now();
            let set = RuleSet::new(rules.into_iter().map(|rule| (rule, None)));
            let set_up = began.elapsed();
            // The first decision reads the conditions.
            let first = measure(&set, 1)?.remove(0);
            let rounds = if kind == "worst" { arguments.decisions / 20 } else { arguments.decisions };
            let times = measure(&set, rounds.max(1))?;
            let at = |share: usize| micros(times[(times.len() * share / 100).min(times.len() - 1)]);
            println!(
                "{count:8}  {kind:8} {:10.2} {:9.1} {:7.1} {:7.1} {:7.1}",
                micros(set_up) / 1_000.0,
                micros(first),
                at(50),
                at(99),
                at(100)
            );
        }
    }
    Ok(())
}

/// How long each of so many decisions takes, the shortest first.
fn measure(set: &RuleSet, rounds: usize) -> anyhow::Result<Vec<Duration>> {
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
        };
        let began = Instant::now();
        std::hint::black_box(set.decide(&subject));
        times.push(began.elapsed());
    }
    times.sort_unstable();
    Ok(times)
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
        layer: if n % 2 == 0 { Layer::Workspace } else { Layer::Organization },
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

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
