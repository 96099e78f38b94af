//! Finding and showing tools, inside the code and outside.

use executor_catalog::search::{Effect as SearchEffect, Query};
use executor_catalog::typescript;
use executor_core::path::fold;
use executor_core::policy::Subject;
use executor_core::tool::SideEffect;
use executor_core::{Principal, ToolPath};
use executor_store::Source;

use crate::Inner;
use crate::catalog::LoadedTool;
use crate::directory::Snapshot;
use crate::gate::is_hidden;
use crate::view::{SearchAnswer, ToolQuery, ToolSummary, ToolView};

/// The best matching tools that the principal may see.
pub(crate) async fn search(
    engine: &Inner,
    principal: &Principal,
    snapshot: &Snapshot,
    query: &ToolQuery,
) -> Result<SearchAnswer, executor_store::Error> {
    let is_wanted = |source: &&Source| query.kind.is_none_or(|kind| source.kind == kind);
    let sources: Vec<_> = match &query.source {
        Some(name) => {
            let seen = |source: &&Source| snapshot.sources_for(principal).any(|other| other.id == source.id);
            snapshot.source(name).filter(seen).filter(is_wanted).map(|source| source.id).into_iter().collect()
        }
        None => snapshot.sources_for(principal).filter(is_wanted).map(|source| source.id).collect(),
    };
    if sources.is_empty() {
        let hint = match &query.source {
            _ if query.kind.is_some() => "There is no source of that kind here.".to_owned(),
            Some(name) => format!("There is no source `{name}` here."),
            None if principal.toolkit.is_some() => "The toolkit has no tools here.".to_owned(),
            None => "This workspace has no source yet; add one with `executor sources add`.".to_owned(),
        };
        return Ok(SearchAnswer { items: Vec::new(), hint: Some(hint) });
    }
    let question = Query {
        text: &query.query,
        sources: Some(&sources),
        effect: query.side_effect.map(|effect| match effect {
            SideEffect::None => SearchEffect::Read,
            SideEffect::Idempotent | SideEffect::Write => SearchEffect::Write,
        }),
        limit: query.limit.unwrap_or(10).clamp(1, 50) as usize,
    };
    let found = engine.catalog.ask(|index| {
        index.search_where(&question, |hit| {
            !is_hidden(snapshot, principal, &format!("{}.{}", hit.source_name, hit.name))
        })
    });
    let mut items = Vec::with_capacity(found.hits.len());
    for hit in found.hits {
        let Some(source) = snapshot.source_by_id(hit.source) else { continue };
        if let Some(tool) = engine.catalog.tool(source, &hit.name).await? {
            items.push(summary(principal, snapshot, &tool));
        }
    }
    Ok(SearchAnswer { items, hint: found.note })
}

/// A tool in a list.
pub(crate) fn summary(principal: &Principal, snapshot: &Snapshot, tool: &LoadedTool) -> ToolSummary {
    let review = tool.review.as_deref();
    summary_of(principal, snapshot, &tool.path, &tool.tool, review, &|name| tool.schema(name))
}

/// The same of a tool that is not loaded.
pub(crate) fn summary_of(
    principal: &Principal,
    snapshot: &Snapshot,
    path: &ToolPath,
    tool: &executor_core::tool::Tool,
    review: Option<&str>,
    schemas: executor_catalog::Resolve<'_>,
) -> ToolSummary {
    let side_effect = tool.side_effect;
    let caller = principal;
    let subject = Subject { path, side_effect, connection: None, caller, arguments: None, review };
    ToolSummary {
        path: path.clone(),
        summary: tool.summary.clone(),
        signature: typescript::signature(path, tool, schemas),
        side_effect: tool.side_effect,
        policy: snapshot.rule_set.decide(&subject).effect,
    }
}

/// A tool in full, to somebody who asked for it by that path.
pub(crate) fn view(principal: &Principal, snapshot: &Snapshot, tool: &LoadedTool, asked: &str) -> ToolView {
    ToolView {
        summary: summary(principal, snapshot, tool),
        description: tool.tool.description.clone(),
        typescript: declaration(tool, asked),
        input: tool.tool.input.clone(),
        output: tool.tool.output.clone(),
        deprecated: tool.tool.deprecated,
    }
}

/// TypeScript of what a tool takes and gives, to somebody who asked for it by that path.
pub(crate) fn declaration(tool: &LoadedTool, asked: &str) -> String {
    let limits = typescript::Limits::default();
    let described = typescript::describe(&tool.path, &tool.tool, &|name| tool.schema(name), limits);
    match fold(asked) == fold(tool.path.as_str()) {
        true => described,
        // It was found by that path, so it is one.
        false => format!(
            "// `{asked}` is called `{}` now; the old path works for a while.\n{described}",
            tool.path
        ),
    }
}
