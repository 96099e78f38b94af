//! Programs that no person would write, of everything that could make a program depend on more than its deliveries.

use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::prelude::*;

/// A program and its world.
#[derive(Debug, Clone)]
pub(super) struct Case {
    statements: Vec<Statement>,
    pub(super) seed: u64,
    /// Which of what is pending comes in next, each time that the program waits.
    pub(super) choices: Vec<u8>,
    failing: u32,
}

impl Case {
    pub(super) fn fails(&self, call: u32) -> bool {
        self.failing >> (call % 32) & 1 == 1
    }

    pub(super) fn source(&self) -> String {
        let mut source = "let last = 0;\nconst show = (x) => { console.log(x); return x };\n".to_owned();
        self.statements.iter().for_each(|statement| statement.write(&mut source));
        source + "return { last, now: Date.now() };\n"
    }
}

/// A promise.
#[derive(Debug, Clone)]
enum Promised {
    Call(u8),
    Timer(u8),
    Now,
    Combined(&'static str, Vec<Promised>),
    Then(Box<Promised>),
    Finally(Box<Promised>),
    Async(Vec<Statement>),
}

#[derive(Debug, Clone)]
enum Statement {
    Await(Promised),
    Try(Promised),
    /// Not awaited; its failure is nobody's.
    Leave(Promised),
    Show(&'static str),
    Emit,
    Branch(&'static str, Vec<Statement>, Vec<Statement>),
    Later(u8, &'static str),
    Cancelled(u8),
    Repeat(u8, Promised),
}

impl Promised {
    fn write(&self, out: &mut String) {
        let done = match self {
            Promised::Call(tool) => {
                write!(out, "tools.t.c{tool}({{ last, at: Date.now(), r: Math.floor(Math.random() * 4) }})")
            }
            Promised::Timer(delay) => {
                write!(out, "new Promise((f) => setTimeout(f, {delay}, {{ v: {delay} }}))")
            }
            Promised::Now => write!(out, "Promise.resolve({{ v: Math.random() }})"),
            Promised::Combined(how, promises) => {
                let _ = write!(out, "Promise.{how}([");
                for promise in promises {
                    promise.write(out);
                    out.push_str(", ");
                }
                write!(out, "])")
            }
            Promised::Then(promise) => {
                promise.write(out);
                write!(out, ".then((x) => show(x))")
            }
            Promised::Finally(promise) => {
                promise.write(out);
                write!(out, ".finally(() => show(Date.now()))")
            }
            Promised::Async(statements) => {
                out.push_str("(async () => {\n");
                statements.iter().for_each(|statement| statement.write(out));
                write!(out, "return last }})()")
            }
        };
        done.unwrap();
    }
}

fn block(statements: &[Statement], out: &mut String) {
    out.push_str("{\n");
    statements.iter().for_each(|statement| statement.write(out));
    out.push_str("}\n");
}

impl Statement {
    fn write(&self, out: &mut String) {
        match self {
            Statement::Await(promise) => {
                out.push_str("last = await ");
                promise.write(out);
                out.push_str(";\n");
            }
            Statement::Try(promise) => {
                out.push_str("try { last = await ");
                promise.write(out);
                out.push_str(" } catch (e) { show(`${e.name}: ${e.message}`) }\n");
            }
            Statement::Leave(promise) => {
                promise.write(out);
                out.push_str(";\n");
            }
            Statement::Show(what) => {
                let _ = writeln!(out, "show({what});");
            }
            Statement::Emit => out.push_str("emit({ last, id: crypto.randomUUID() });\n"),
            Statement::Branch(condition, yes, no) => {
                let _ = write!(out, "if ({condition}) ");
                block(yes, out);
                out.push_str("else ");
                block(no, out);
            }
            Statement::Later(delay, what) => {
                let _ = writeln!(
                    out,
                    "setTimeout(() => {{ last = show({what}); tools.t.late({{ last }}) }}, {delay});"
                );
            }
            Statement::Cancelled(delay) => {
                let _ = writeln!(
                    out,
                    "{{ const t = setTimeout(() => show('never'), {delay}); queueMicrotask(() => clearTimeout(t)) }}"
                );
            }
            Statement::Repeat(times, promise) => {
                let _ = write!(out, "for (let i = 0; i < {times}; i++) {{ last = await ");
                promise.write(out);
                out.push_str(" }\n");
            }
        }
    }
}

fn promised() -> impl Strategy<Value = Promised> + Clone {
    let leaf = prop_oneof![5 => (0..4_u8).prop_map(Promised::Call), 2 => (1..50_u8).prop_map(Promised::Timer), 1 => Just(Promised::Now)];
    leaf.prop_recursive(2, 8, 3, |inner| {
        let how = prop::sample::select(&["all", "race", "any", "allSettled"][..]);
        prop_oneof![
            4 => (how, vec(inner.clone(), 0..4)).prop_filter("waits for nothing", |(how, promises)| *how != "race" || !promises.is_empty())
                .prop_map(|(how, promises)| Promised::Combined(how, promises)),
            1 => inner.clone().prop_map(|promise| Promised::Then(Box::new(promise))),
            1 => inner.clone().prop_map(|promise| Promised::Finally(Box::new(promise))),
            1 => vec(simple(inner), 1..3).prop_map(Promised::Async),
        ]
    })
}

fn simple(promise: impl Strategy<Value = Promised> + Clone + 'static) -> impl Strategy<Value = Statement> {
    let shown = prop::sample::select(
        &["last", "Date.now()", "Math.random()", "crypto.randomUUID()", "new Date().toISOString()"][..],
    );
    prop_oneof![
        3 => promise.clone().prop_map(Statement::Await),
        3 => promise.clone().prop_map(Statement::Try),
        2 => promise.clone().prop_map(Statement::Leave),
        2 => shown.clone().prop_map(Statement::Show),
        1 => Just(Statement::Emit),
        1 => (1..40_u8, shown).prop_map(|(delay, what)| Statement::Later(delay, what)),
        1 => (1..40_u8).prop_map(Statement::Cancelled),
        1 => (2..4_u8, promise).prop_map(|(times, promise)| Statement::Repeat(times, promise)),
    ]
}

/// A program and its world.
pub(super) fn case() -> impl Strategy<Value = Case> {
    let condition = prop::sample::select(&["Math.random() < 0.5", "Date.now() % 2", "last?.v > 2"][..]);
    let branch = (condition, vec(simple(promised()), 0..2), vec(simple(promised()), 0..2))
        .prop_map(|(condition, yes, no)| Statement::Branch(condition, yes, no));
    let statements = vec(prop_oneof![6 => simple(promised()), 1 => branch], 1..5);
    (statements, any::<u64>(), vec(any::<u8>(), 1..12), any::<u32>(), any::<u32>()).prop_map(
        |(statements, seed, choices, one, other)| Case { statements, seed, choices, failing: one & other },
    )
}
