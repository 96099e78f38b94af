//! What an operation is called: from its tag and operation id, or from its method and path.

use std::collections::{HashMap, HashSet};

use executor_core::Digest;
use executor_core::path::{fold, is_reserved, is_segment};

/// The longest name in bytes. It leaves room for the source's name within a path's limit.
const MAX_NAME: usize = 190;

/// What a name is made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Naming<'a> {
    /// The first tag.
    pub(crate) tag: Option<&'a str>,
    /// The operation id.
    pub(crate) operation_id: Option<&'a str>,
    /// The method in lower case.
    pub(crate) method: &'a str,
    /// The path as the document writes it.
    pub(crate) path: &'a str,
}

impl Naming<'_> {
    /// The name, which another operation may have as well.
    pub(crate) fn name(&self) -> String {
        let own = segments(self.operation_id.unwrap_or_default());
        let own = if own.is_empty() { vec![self.route_as_name()] } else { own };
        let group = segments(self.tag.unwrap_or_default());
        let group =
            if group.is_empty() && self.operation_id.is_none() { self.group_of_path() } else { group };
        let repeats =
            group.len() < own.len() && group.iter().zip(&own).all(|(group, own)| fold(group) == fold(own));
        let all = if repeats { own } else { [group, own].concat() };
        shorten(all.join("."))
    }

    /// `getPetsById` from `GET /pets/{id}`.
    fn route_as_name(&self) -> String {
        let mut words = self.method.to_owned();
        for part in self.path.split('/').filter(|part| !part.is_empty()) {
            if part.starts_with('{') {
                words.push_str(" By");
            }
            words.push(' ');
            words.push_str(part);
        }
        segment(&words).unwrap_or_else(|| self.method.to_owned())
    }

    /// The first part of the path that is a thing rather than a version.
    fn group_of_path(&self) -> Vec<String> {
        let is_version = |part: &str| {
            part.strip_prefix('v').is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
        };
        self.path
            .split('/')
            .find(|part| !part.is_empty() && !part.contains('{') && *part != "api" && !is_version(part))
            .and_then(segment)
            .into_iter()
            .collect()
    }
}

/// Gives each operation a name that folds like no other's, in the order given.
///
/// Among several of one name the one with the first route keeps it; the others get their method, then a number. So the
/// names do not depend on the order of the document.
pub(crate) fn unique(named: &[(String, String)]) -> Vec<String> {
    let mut order: Vec<usize> = (0..named.len()).collect();
    order.sort_by(|one, other| named[*one].1.cmp(&named[*other].1));
    let mut taken: HashSet<String> = HashSet::with_capacity(named.len());
    let mut names = vec![String::new(); named.len()];
    let mut later = Vec::new();
    let mut numbers: HashMap<String, u64> = HashMap::new();
    for index in order {
        if taken.insert(fold(&named[index].0)) {
            names[index] = named[index].0.clone();
        } else {
            later.push(index);
        }
    }
    for index in later {
        let (name, route) = &named[index];
        let method = route.rsplit(' ').next().unwrap_or_default();
        let with_method = format!("{name}{}", capitalised(&method.to_ascii_lowercase()));
        let mut free = with_method.clone();
        // Many may have one name: each goes on counting where the one before it has stopped.
        while !taken.insert(fold(&free)) {
            let number = numbers.entry(fold(&with_method)).or_insert(1);
            *number += 1;
            free = format!("{with_method}{number}");
        }
        names[index] = free;
    }
    names
}

/// A segment of a path from any text, if it has a letter or digit. Not reserved.
pub(crate) fn segment(text: &str) -> Option<String> {
    let mut name = if is_segment(text) { text.to_owned() } else { camel_case(text)? };
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        name.insert(0, '_');
    }
    if is_reserved(&name) {
        name.push('_');
    }
    // What folds to nothing could not be told from its neighbours.
    (!fold(&name).is_empty()).then_some(name)
}

/// `issues/list-for-repo` as `issues`, `listForRepo`.
fn segments(text: &str) -> Vec<String> {
    text.split(['/', '.']).filter_map(segment).collect()
}

/// Joins the words of a text, of which the first begins small and the others large.
fn camel_case(text: &str) -> Option<String> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '$');
    let mut words = text.split(|character| !is_part(character)).filter(|word| !word.is_empty());
    let first = words.next()?;
    let is_shouted = first.len() > 1 && !first.contains(|character: char| character.is_ascii_lowercase());
    let mut name = if is_shouted {
        first.to_ascii_lowercase()
    } else {
        let (head, tail) = first.split_at(1);
        format!("{}{tail}", head.to_ascii_lowercase())
    };
    words.for_each(|word| name.push_str(&capitalised(word)));
    Some(name)
}

fn capitalised(word: &str) -> String {
    match word.split_at_checked(1) {
        Some((head, tail)) => format!("{}{tail}", head.to_ascii_uppercase()),
        None => word.to_owned(),
    }
}

/// Cuts a long name and marks what was cut, so that two long names stay two.
pub(crate) fn shorten(name: String) -> String {
    if name.len() <= MAX_NAME {
        return name;
    }
    let mark = Digest::of(name.as_bytes()).to_string();
    let kept = name.get(..MAX_NAME - 10).unwrap_or_default().trim_end_matches('.');
    format!("{kept}_{}", &mark[..8])
}
