//! What a refresh changed of a source's tools, held against what a person last accepted.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use executor_catalog::widening::{Rooted, widening};
use executor_core::path::fold;
use executor_core::review::{Difference, ToolChange, ToolPart};
use executor_core::tool::{CredentialSlot, SharedSchema, Tool};
use executor_core::{Failure, Json, Timestamp};
use executor_sources::{Kind, Reach};
use executor_store::{Contents, Source, Store, StoredChange, schema_references};
use serde::{Deserialize, Serialize};

use crate::aliases;
use crate::failure::StoreResult;

/// Tools that are read at once.
const TOOLS_A_PAGE: u32 = 500;

/// How much of a text is shown of each side.
const MOST_SHOWN: usize = 400;

type Schemas = BTreeMap<String, Json>;

/// A tool as it was accepted, with all that it takes to tell whether another one is the same.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Accepted {
    tool: Tool,
    schemas: Schemas,
    base_url: String,
}

/// How the tools of an import differ from what was accepted of the source, and which of its tools have other paths now: the
/// old one and the new.
pub(crate) async fn changes(
    store: &Store,
    kind: &dyn Kind,
    known: &Source,
    source: &Source,
    contents: &Contents,
    now: Timestamp,
) -> Result<(Vec<StoredChange>, Vec<(String, String)>), Failure> {
    let pending = store.tool_changes(known.organization, known.id).await.shown()?;
    let mut pending: HashMap<String, StoredChange> =
        pending.into_iter().map(|change| (fold(&change.name), change)).collect();
    let old_schemas = store.all_schemas(known.organization, known.id).await.shown()?;
    let schemas = of_import(&contents.schemas);
    let base_url = source.base_url.as_deref().unwrap_or_default();
    let comparison = Comparison { kind, schemas: &schemas, base_url, now };
    let old_base_url = known.base_url.clone().unwrap_or_default();
    let is_moved = old_base_url != base_url;
    let mut new: BTreeMap<String, &Tool> =
        contents.tools.iter().map(|tool| (fold(&tool.name), tool)).collect();
    let (mut changes, mut gone) = (Vec::new(), Vec::new());
    let mut after: Option<String> = None;
    loop {
        let page = store.tools(known.organization, known.id, after.as_deref(), TOOLS_A_PAGE).await.shown()?;
        let Some(last) = page.last() else { break };
        after = Some(fold(&last.tool.name));
        for stored in page {
            let folded = fold(&stored.tool.name);
            let tool = new.remove(&folded);
            if tool.is_none() {
                gone.push((stored.tool.name.clone(), stored.tool.operation.clone()));
            }
            let accepted = match pending.remove(&folded) {
                Some(StoredChange { accepted: Some(accepted), since, .. }) => {
                    let accepted = accepted.read().map_err(|error| unreadable(&error))?;
                    Some((accepted, Some(since)))
                }
                // It was new and nobody has accepted it: it is still new, or was never there.
                Some(StoredChange { since, .. }) => {
                    changes.extend(tool.map(|tool| added(tool, since)));
                    None
                }
                None => {
                    let same = tool.is_some_and(|tool| {
                        *tool == stored.tool && !is_moved && same_schemas(tool, &old_schemas, &schemas)
                    });
                    let schemas = if same { Schemas::new() } else { reached(&stored.tool, &old_schemas) };
                    let base_url = old_base_url.clone();
                    (!same).then_some((Accepted { tool: stored.tool, schemas, base_url }, None))
                }
            };
            if let Some((accepted, since)) = accepted {
                changes.extend(comparison.change(&accepted, tool, since)?);
            }
        }
    }
    // What is left of the pending ones was removed before.
    for (folded, change) in pending {
        let tool = new.remove(&folded);
        let Some(accepted) = change.accepted else { continue };
        let accepted = accepted.read().map_err(|error| unreadable(&error))?;
        changes.extend(comparison.change(&accepted, tool, Some(change.since))?);
    }
    let renamed = aliases::renamed(kind, base_url, &gone, new.values().copied());
    changes.extend(new.into_values().map(|tool| added(tool, now)));
    Ok((changes, renamed))
}

/// What an import is held against.
struct Comparison<'a> {
    kind: &'a dyn Kind,
    schemas: &'a Schemas,
    base_url: &'a str,
    now: Timestamp,
}

impl Comparison<'_> {
    /// How the tool differs from the accepted one, if it does. `since` when it is known to.
    fn change(
        &self,
        accepted: &Accepted,
        tool: Option<&Tool>,
        since: Option<Timestamp>,
    ) -> Result<Option<StoredChange>, Failure> {
        let change = match tool {
            None => ToolChange::Removed,
            Some(tool) => {
                let differences = self.differences(accepted, tool)?;
                if differences.is_empty() {
                    return Ok(None);
                }
                ToolChange::Changed { differences }
            }
        };
        let name = tool.map_or(&accepted.tool.name, |tool| &tool.name).clone();
        let accepted = Json::from_serialize(accepted).map_err(|error| unreadable(&error))?;
        Ok(Some(StoredChange { name, change, accepted: Some(accepted), since: since.unwrap_or(self.now) }))
    }

    fn differences(&self, accepted: &Accepted, tool: &Tool) -> Result<Vec<Difference>, Failure> {
        let before = self.kind.reach(&accepted.tool.operation, &accepted.base_url)?;
        let after = self.kind.reach(&tool.operation, self.base_url)?;
        let mut found = Found::default();
        found.compare(ToolPart::Method, &before.method, &after.method);
        found.compare(ToolPart::Path, &before.path, &after.path);
        found.compare(ToolPart::Origin, &before.origin, &after.origin);
        found.compare(ToolPart::Security, &security(&before.credentials), &security(&after.credentials));
        let (old, new) = (accepted.tool.side_effect, tool.side_effect);
        found.compare(ToolPart::SideEffect, old.as_str(), new.as_str());
        found.compare_places(&before, &after);
        self.compare_arguments(accepted, tool, &mut found);
        let resolved = |schema: Option<&Json>, schemas| {
            schema.map(|schema| with_references(schema, schemas)).unwrap_or_default()
        };
        let old = resolved(accepted.tool.output.as_ref(), &accepted.schemas);
        let new = resolved(tool.output.as_ref(), self.schemas);
        found.compare(ToolPart::Response, &old, &new);
        found.compare(ToolPart::Text, &text(&accepted.tool), &text(tool));
        Ok(found.differences)
    }

    fn compare_arguments(&self, accepted: &Accepted, tool: &Tool, found: &mut Found) {
        let old = with_references(&accepted.tool.input, &accepted.schemas);
        let new = with_references(&tool.input, self.schemas);
        if old == new {
            return;
        }
        let before =
            Rooted { schema: &accepted.tool.input, schemas: &|name| accepted.schemas.get(name).cloned() };
        let after = Rooted { schema: &tool.input, schemas: &|name| self.schemas.get(name).cloned() };
        match widening(before, after) {
            None => found.add(ToolPart::Arguments, &old, &new),
            Some(place) if place.is_empty() => found.add(ToolPart::WiderArguments, &old, &new),
            Some(place) => found.add(ToolPart::WiderArguments, "", &place),
        }
    }
}

#[derive(Default)]
struct Found {
    differences: Vec<Difference>,
}

impl Found {
    fn compare(&mut self, part: ToolPart, before: &str, after: &str) {
        if before != after {
            self.add(part, before, after);
        }
    }

    fn add(&mut self, part: ToolPart, before: &str, after: &str) {
        self.differences.push(Difference { part, before: shown(before), after: shown(after) });
    }

    /// Arguments that both sides know and that go elsewhere. New ones are wider arguments.
    fn compare_places(&mut self, before: &Reach, after: &Reach) {
        let moved = |(argument, place): (&String, &String)| {
            let now = after.places.get(argument).filter(|now| *now != place)?;
            Some((format!("{argument} in {place}"), format!("{argument} in {now}")))
        };
        let (old, new): (Vec<_>, Vec<_>) = before.places.iter().filter_map(moved).unzip();
        if !old.is_empty() {
            self.add(ToolPart::ArgumentPlaces, &old.join(", "), &new.join(", "));
        }
    }
}

fn added(tool: &Tool, since: Timestamp) -> StoredChange {
    StoredChange { name: tool.name.clone(), change: ToolChange::Added, accepted: None, since }
}

fn of_import(schemas: &[SharedSchema]) -> Schemas {
    schemas.iter().map(|shared| (shared.name.clone(), shared.schema.clone())).collect()
}

/// The shared schemas that the tool's own refer to, in turn.
fn reached(tool: &Tool, schemas: &Schemas) -> Schemas {
    let mut found = Schemas::new();
    let mut unread: Vec<_> = [Some(&tool.input), tool.output.as_ref()]
        .into_iter()
        .flatten()
        .flat_map(|schema| schema_references(schema.as_str()))
        .collect();
    while let Some(name) = unread.pop() {
        let Some(schema) = schemas.get(&name) else { continue };
        if found.insert(name, schema.clone()).is_none() {
            unread.extend(schema_references(schema.as_str()));
        }
    }
    found
}

fn same_schemas(tool: &Tool, old: &Schemas, new: &Schemas) -> bool {
    let mut seen = BTreeSet::new();
    let texts = [Some(&tool.input), tool.output.as_ref()].into_iter().flatten();
    let mut unread: Vec<_> = texts.flat_map(|schema| schema_references(schema.as_str())).collect();
    while let Some(name) = unread.pop() {
        let schema = new.get(&name);
        if schema != old.get(&name) {
            return false;
        }
        if let Some(schema) = schema
            && seen.insert(name)
        {
            unread.extend(schema_references(schema.as_str()));
        }
    }
    true
}

/// A schema and all that it refers to, as one text.
fn with_references(schema: &Json, schemas: &Schemas) -> String {
    let mut text = schema.as_str().to_owned();
    let mut seen = BTreeSet::new();
    let mut unread = schema_references(&text);
    while let Some(name) = unread.pop() {
        let Some(shared) = schemas.get(&name) else { continue };
        if seen.insert(name) {
            unread.extend(schema_references(shared.as_str()));
        }
    }
    for name in seen {
        if let Some(shared) = schemas.get(&name) {
            text.push_str(&format!(" {name}: {}", shared.as_str()));
        }
    }
    text
}

fn security(credentials: &[Vec<CredentialSlot>]) -> String {
    // As it is kept: what two placements have in common must not make them look the same.
    let set = |set: &Vec<CredentialSlot>| match Json::from_serialize(set) {
        Ok(text) if !set.is_empty() => text.as_str().to_owned(),
        _ => "none".to_owned(),
    };
    credentials.iter().map(set).collect::<Vec<_>>().join(" or ")
}

fn text(tool: &Tool) -> String {
    let deprecated = if tool.deprecated { "Deprecated. " } else { "" };
    format!("{deprecated}{}\n{}", tool.summary, tool.description)
}

fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(MOST_SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

fn unreadable(error: &serde_json::Error) -> Failure {
    Failure::new(
        executor_core::ErrorCode::Internal,
        format!("What was accepted of a tool cannot be read: {error}."),
    )
}
