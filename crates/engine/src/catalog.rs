//! The tools of this deployment in memory: the index that finds them, and those that were used lately.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use executor_catalog::arguments::ArgumentsChecker;
use executor_catalog::search::{Entry, Index, Naming};
use executor_core::path::fold;
use executor_core::tool::Tool;
use executor_core::{Digest, Json, SourceId, ToolPath};
use executor_sources::Plan;
use executor_store::{Error, Source, SourceVersion, Store, ToolWords, schema_references};

/// A tool that was looked up, ready to be called again.
pub(crate) struct LoadedTool {
    pub(crate) path: ToolPath,
    pub(crate) tool: Tool,
    pub(crate) schemas: BTreeMap<String, Json>,
    /// What all calls of the source's tools are planned with.
    pub(crate) context: Option<Json>,
    pub(crate) checker: ArgumentsChecker,
    /// Why its calls ask whatever rules say, if a refresh changed it and nobody has accepted that.
    pub(crate) review: Option<String>,
}

/// The tools of this deployment.
pub(crate) struct Catalog {
    store: Store,
    index: RwLock<Index>,
    /// The sources in the index, each with the revision that is in it.
    known: Mutex<HashMap<SourceId, u64>>,
    /// By source, its revision and the folded path: what another process has changed is not taken from here.
    loaded: moka::sync::Cache<(SourceId, u64, String), Arc<LoadedTool>>,
    /// By source and its revision.
    contexts: moka::sync::Cache<(SourceId, u64), Option<Json>>,
}

/// What the tools that were used lately may take in memory, in bytes of their schemas' text.
const MOST_LOADED_BYTES: u64 = 16 << 20;

/// The sources whose context is kept in memory. A large one, as GitHub's GraphQL schema, has a megabyte of it.
const MOST_CONTEXTS: u64 = 32;

impl Catalog {
    /// Reads all tools and makes them findable.
    pub(crate) async fn load(store: Store) -> Result<Self, Error> {
        let weigh = |_: &(SourceId, u64, String), loaded: &Arc<LoadedTool>| loaded.weight();
        let loaded = moka::sync::Cache::builder().weigher(weigh).max_capacity(MOST_LOADED_BYTES).build();
        let contexts = moka::sync::Cache::new(MOST_CONTEXTS);
        let (index, known) = (RwLock::new(Index::new()), Mutex::default());
        let catalog = Self { store, index, known, loaded, contexts };
        catalog.catch_up().await?;
        Ok(catalog)
    }

    /// Takes in what other processes on the same database have changed.
    pub(crate) async fn catch_up(&self) -> Result<(), Error> {
        let sources = self.store.all_sources().await?;
        let there: HashSet<_> = sources.iter().map(|source| source.id).collect();
        let gone: Vec<_> = lock(&self.known).keys().filter(|id| !there.contains(id)).copied().collect();
        gone.into_iter().for_each(|source| self.forget(source));
        for source in sources {
            if lock(&self.known).get(&source.id) != Some(&source.revision) {
                self.read(&source).await?;
            }
        }
        Ok(())
    }

    /// Makes the tools that a source has now findable, in place of those that it had.
    pub(crate) async fn refresh(&self, source: &Source) -> Result<(), Error> {
        self.read(&SourceVersion::from(source)).await
    }

    async fn read(&self, source: &SourceVersion) -> Result<(), Error> {
        let words = self.store.tool_words(source.organization, source.id).await?;
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        put(&mut index, source, &words);
        drop(index);
        lock(&self.known).insert(source.id, source.revision);
        self.loaded.invalidate_all();
        Ok(())
    }

    /// Forgets a source.
    pub(crate) fn forget(&self, source: SourceId) {
        self.index.write().unwrap_or_else(PoisonError::into_inner).remove(source);
        lock(&self.known).remove(&source);
        self.loaded.invalidate_all();
    }

    /// Asks the index.
    pub(crate) fn ask<T>(&self, question: impl FnOnce(&Index) -> T) -> T {
        question(&self.index.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// A tool of a source by its path within it, in any spelling.
    pub(crate) async fn tool(&self, source: &Source, name: &str) -> Result<Option<Arc<LoadedTool>>, Error> {
        let place = (source.id, source.revision, fold(name));
        if let Some(loaded) = self.loaded.get(&place) {
            return Ok(Some(loaded));
        }
        let Some(stored) = self.store.tool(source.organization, source.id, name).await? else {
            return Ok(None);
        };
        let (tool, change) = (stored.tool, stored.change);
        let texts = [Some(&tool.input), tool.output.as_ref()];
        let names =
            texts.into_iter().flatten().flat_map(|schema| schema_references(schema.as_str())).collect();
        let schemas = self.store.schemas(source.organization, source.id, names).await?;
        let checker = ArgumentsChecker::compile(&tool.input, &|name| schemas.get(name).cloned());
        let path = ToolPath::new(&source.name, &tool.name)
            .map_err(|error| Error::Corrupt { table: "tools", reason: error.to_string() })?;
        let review = change.and_then(|change| change.reason(&path));
        let context = self.context(source).await?;
        let loaded = Arc::new(LoadedTool { path, tool, schemas, context, checker, review });
        self.loaded.insert(place, loaded.clone());
        Ok(Some(loaded))
    }
}

impl Catalog {
    async fn context(&self, source: &Source) -> Result<Option<Json>, Error> {
        let place = (source.id, source.revision);
        if let Some(context) = self.contexts.get(&place) {
            return Ok(context);
        }
        let context = self.store.source_context(source.organization, source.id).await?;
        self.contexts.insert(place, context.clone());
        Ok(context)
    }
}

impl LoadedTool {
    /// The digest of what an approval binds of the operation: method and path template, what it takes, and how it signs
    /// in. What it answers is no part of it.
    pub(crate) fn operation_digest(&self, plan: &Plan) -> Result<Digest, serde_json::Error> {
        let mut reached: BTreeMap<&str, &Json> = BTreeMap::new();
        let mut unread = schema_references(self.tool.input.as_str());
        while let Some(name) = unread.pop() {
            let Some((name, schema)) = self.schemas.get_key_value(&name) else { continue };
            if reached.insert(name, schema).is_none() {
                unread.extend(schema_references(schema.as_str()));
            }
        }
        let texts: BTreeMap<_, _> = reached.iter().map(|(name, schema)| (name, schema.as_str())).collect();
        Digest::of_canonical(&(&plan.route, self.tool.input.as_str(), texts, &plan.credentials))
    }

    /// Gives a shared schema by its name.
    pub(crate) fn schema(&self, name: &str) -> Option<Json> {
        self.schemas.get(name).cloned()
    }

    fn weight(&self) -> u32 {
        let own =
            self.tool.input.as_str().len() + self.tool.operation.as_str().len() + self.tool.description.len();
        let shared: usize = self.schemas.values().map(|schema| schema.as_str().len()).sum();
        // The compiled check takes about as much again as the text that it was made from.
        u32::try_from(2 * (own + shared)).unwrap_or(u32::MAX)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn put(index: &mut Index, source: &SourceVersion, words: &[ToolWords]) {
    let entries = words.iter().map(|tool| Entry {
        name: &tool.name,
        summary: &tool.summary,
        description: &tool.description,
        parameters: tool.parameters.iter().map(|name| name.as_str().into()).collect(),
        side_effect: tool.side_effect,
        deprecated: tool.deprecated,
    });
    let url = source.base_url.as_deref().or(source.url.as_deref()).unwrap_or_default();
    index.replace(source.id, Naming { name: &source.name, title: &source.title, url }, entries);
}
