//! The paths that tools had before a refresh gave them other ones: they lead to the same tools for a while.
//!
//! Whoever asks for a tool by its old path gets the tool as it is called now, and that is all that policies see. A tool that
//! takes the path comes first.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use executor_core::path::fold;
use executor_core::tool::Tool;
use executor_core::{Failure, Json, Timestamp, ToolPath, ToolPattern};
use executor_sources::Kind;
use executor_store::{Error, Source, Store, ToolAlias};

use crate::Inner;
use crate::catalog::LoadedTool;
use crate::failure::StoreResult;

/// How long an old path counts.
const LIFETIME_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// A tool that is there no more under its path: the path, and what its kind stored with it.
pub(crate) type Gone = (String, Json);

/// Which of the tools that are gone are there under other paths: the old path and the new one. It is the same tool if its
/// requests are the same; where two would be, none is.
pub(crate) fn renamed<'t>(
    kind: &dyn Kind,
    base_url: &str,
    gone: &[Gone],
    fresh: impl Iterator<Item = &'t Tool>,
) -> Vec<(String, String)> {
    let identity =
        |operation: &Json| kind.reach(operation, base_url).ok().map(|reach| (reach.method, reach.path));
    let mut now: HashMap<_, Option<&str>> = HashMap::new();
    for tool in fresh {
        if let Some(identity) = identity(&tool.operation) {
            now.entry(identity).and_modify(|name| *name = None).or_insert(Some(&tool.name));
        }
    }
    let found = |(name, operation): &Gone| {
        let now = (*now.get(&identity(operation)?)?)?;
        Some((name.clone(), now.to_owned()))
    };
    if now.is_empty() { Vec::new() } else { gone.iter().filter_map(found).collect() }
}

/// The aliases of a source after a refresh that renamed these tools and left those.
pub(crate) async fn after(
    store: &Store,
    known: &Source,
    renamed: Vec<(String, String)>,
    tools: &[Tool],
    now: Timestamp,
) -> Result<Vec<ToolAlias>, Failure> {
    let before = store.tool_aliases(known.organization, Some(known.id), now).await.shown()?;
    if before.is_empty() && renamed.is_empty() {
        return Ok(Vec::new());
    }
    let there: HashSet<_> = tools.iter().map(|tool| fold(&tool.name)).collect();
    let targets: HashMap<_, _> = renamed.iter().map(|(old, new)| (fold(old), new.clone())).collect();
    let moved = before.into_iter().map(|alias| {
        let target = targets.get(&fold(&alias.target)).cloned().unwrap_or(alias.target);
        ToolAlias { target, ..alias }
    });
    let until = now.plus_millis(LIFETIME_MS);
    let fresh = renamed.into_iter().map(|(name, target)| ToolAlias { source: known.id, name, target, until });
    let all = moved.chain(fresh).map(|alias| (fold(&alias.name), alias));
    let leads =
        |(name, alias): &(String, ToolAlias)| !there.contains(name) && there.contains(&fold(&alias.target));
    Ok(all.filter(leads).collect::<BTreeMap<_, _>>().into_values().collect())
}

/// The aliases whose tools are marked as sensitive, as marks of their own.
pub(crate) async fn sensitive(
    store: &Store,
    sources: &[Source],
    marks: &[ToolPattern],
    now: Timestamp,
) -> Result<Vec<ToolPattern>, Error> {
    let Some(organization) = sources.first().map(|source| source.organization).filter(|_| !marks.is_empty())
    else {
        return Ok(Vec::new());
    };
    let names: HashMap<_, _> = sources.iter().map(|source| (source.id, &source.name)).collect();
    let marked = |alias: ToolAlias| {
        let source = names.get(&alias.source)?;
        let target = fold(&format!("{source}.{}", alias.target));
        let is_marked = marks.iter().any(|mark| mark.matches_folded(&target));
        ToolPath::new(source, &alias.name).ok().filter(|_| is_marked).map(|path| ToolPattern::from(&path))
    };
    let all = store.tool_aliases(organization, None, now).await?;
    Ok(all.into_iter().filter_map(marked).collect())
}

impl Inner {
    /// A tool of a source by its path within it, or by one that it had, in any spelling.
    pub(crate) async fn tool(&self, source: &Source, name: &str) -> Result<Option<Arc<LoadedTool>>, Error> {
        if let Some(tool) = self.catalog.tool(source, name).await? {
            return Ok(Some(tool));
        }
        let alias = self.store.tool_alias(source.organization, source.id, name, self.clock.now()).await?;
        match alias {
            Some(alias) => self.catalog.tool(source, &alias.target).await,
            None => Ok(None),
        }
    }
}
