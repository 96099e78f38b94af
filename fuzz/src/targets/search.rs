//! What somebody looks for, and what a source says of its tools: a query, and a tool a line.

use executor_catalog::search::{Effect, Entry, Index, Naming, Query};
use executor_core::SourceId;
use executor_core::tool::SideEffect;
use uuid::Uuid;

use super::first_line;
use crate::Target;
use crate::nested::{LEVELS, nested, seeds};

pub(super) const TARGET: Target = Target { name: "search", run, deep };

const KNOWN: [(&str, &str); 4] = [
    ("issues.listForRepo", "List the open issues of a repository"),
    ("issues.create", "Create an issue"),
    ("pulls.merge", "Merge a pull request"),
    ("charges.refund", "Gives money back"),
];

fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (query, lines) = first_line(&text);
    let foreign = lines.lines().take(50).map(|line| line.split_once(' ').unwrap_or((line, "")));
    let mut index = Index::new();
    index.replace(id(1), Naming { name: "known", ..Naming::default() }, KNOWN.into_iter().map(entry));
    index.replace(id(2), Naming { name: "foreign", title: query, url: query }, foreign.map(entry));
    for effect in [None, Some(Effect::Read), Some(Effect::Write)] {
        let found = index.search(&Query { text: query, sources: None, effect, limit: 5 });
        assert!(found.hits.len() <= 5);
        assert!(found.hits.iter().all(|hit| hit.score.is_finite()), "{found:?}");
        assert!(found.hits.is_sorted_by(|one, other| one.score >= other.score), "{found:?}");
    }
    let only = index.search(&Query { text: query, sources: Some(&[id(1)]), effect: None, limit: 5 });
    assert!(only.hits.iter().all(|hit| hit.source == id(1)), "{only:?}");
    assert!(index.nearest(query, None, 3).len() <= 3);
}

fn entry<'a>((name, summary): (&'a str, &'a str)) -> Entry<'a> {
    Entry {
        name,
        summary,
        description: summary,
        parameters: vec![name.into(), "id".into()],
        side_effect: if name.len() % 2 == 0 { SideEffect::None } else { SideEffect::Write },
        deprecated: name.is_empty(),
    }
}

fn id(number: u128) -> SourceId {
    SourceId::from(Uuid::from_u128(number))
}

fn deep() -> Vec<Vec<u8>> {
    seeds([
        nested("(", "issue", ")"),
        "issue ".repeat(LEVELS),
        "a.".repeat(LEVELS),
        format!("issue\n{} an issue", "x".repeat(LEVELS)),
        format!("issue\nname {}", "issue ".repeat(LEVELS)),
    ])
}
