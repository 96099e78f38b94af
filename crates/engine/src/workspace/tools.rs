//! Tools: search, list, describe.

use executor_catalog::typescript::Library;
use executor_core::path::fold;
use executor_core::tool::Tool;
use executor_core::{ErrorCode, Failure, Scope, ToolPath};

use executor_sandbox::type_check::ENVIRONMENT;
use executor_store::Source;

use super::Workspace;
use super::tasks::bad_cursor;
use crate::directory::Snapshot;
use crate::failure::StoreResult;
use crate::gate::{self, Refusal};
use crate::tools;
use crate::view::{Page, PageRequest, SearchAnswer, ToolQuery, ToolSummary, ToolView};

/// The largest file of declarations, in bytes.
const MOST_DECLARATIONS: usize = 64 << 20;

/// Tools that are read at once for it.
const DECLARED_AT_ONCE: u32 = 1_000;

impl Workspace {
    /// The best matching tools (scope `read`).
    pub async fn search(&self, query: &ToolQuery) -> Result<SearchAnswer, Failure> {
        self.principal.require(Scope::Read)?;
        let snapshot = self.snapshot().await?;
        tools::search(&self.engine, &self.principal, &snapshot, query).await.shown()
    }

    /// The tools, by path (scope `read`).
    pub async fn tools(
        &self,
        source: Option<&str>,
        page: &PageRequest,
    ) -> Result<Page<ToolSummary>, Failure> {
        self.principal.require(Scope::Read)?;
        let snapshot = self.snapshot().await?;
        let size = page.size() as usize;
        // A cursor is the source's name and the folded path within it of the last tool shown.
        let (from_source, mut after) = match &page.cursor {
            Some(cursor) => {
                cursor.split_once('.').map(|(name, tool)| (name, Some(tool))).ok_or_else(bad_cursor)?
            }
            None => ("", None),
        };
        let mut items = Vec::new();
        let mut next_cursor = None;
        let wanted =
            |name: &str| source.is_none_or(|wanted| fold(wanted) == fold(name)) && name >= from_source;
        'sources: for source in snapshot.sources.iter().filter(|source| wanted(&source.name)) {
            let start = after.take().filter(|_| source.name == from_source);
            let limit = u32::try_from(size + 1).unwrap_or(u32::MAX);
            let mut last = start.map(str::to_owned);
            loop {
                let page = self
                    .engine
                    .store
                    .tools(source.organization, source.id, last.as_deref(), limit)
                    .await
                    .shown()?;
                let is_last = page.len() <= size;
                for stored in page {
                    if items.len() == size {
                        next_cursor = last.map(|last| format!("{}.{last}", source.name));
                        break 'sources;
                    }
                    last = Some(fold(&stored.tool.name));
                    let Ok(path) = ToolPath::new(&source.name, &stored.tool.name) else { continue };
                    if !gate::is_hidden(&snapshot, &self.principal, path.as_str()) {
                        let review = stored.change.and_then(|change| change.reason(&path));
                        items.push(tools::summary_of(
                            &self.principal,
                            &snapshot,
                            &path,
                            &stored.tool,
                            review.as_deref(),
                            &|_| None,
                        ));
                    }
                }
                if is_last {
                    break;
                }
            }
        }
        Ok(Page { items, next_cursor })
    }

    /// All tools, or those of a source, as one file of TypeScript declarations (scope `read`).
    pub async fn declarations(&self, source: Option<&str>) -> Result<String, Failure> {
        self.principal.require(Scope::Read)?;
        let snapshot = self.snapshot().await?;
        let mut library = Library::new();
        let wanted = |name: &str| source.is_none_or(|wanted| fold(wanted) == fold(name));
        for source in snapshot.sources_for(&self.principal).filter(|source| wanted(&source.name)) {
            let tools = self.visible_tools(&snapshot, source).await?;
            let schemas = self.engine.store.all_schemas(source.organization, source.id).await.shown()?;
            library.add(&source.name, &tools, &|name| schemas.get(name).cloned());
            if library.bytes() > MOST_DECLARATIONS {
                let message = format!("The declarations take more than {} MiB.", MOST_DECLARATIONS >> 20);
                return Err(Failure::new(ErrorCode::InvalidRequest, message)
                    .with_hint("Ask for those of one source, or describe single tools."));
            }
        }
        Ok(format!("{ENVIRONMENT}\n{}", library.finish()))
    }

    async fn visible_tools(&self, snapshot: &Snapshot, source: &Source) -> Result<Vec<Tool>, Failure> {
        let mut tools = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let (store, limit) = (&self.engine.store, DECLARED_AT_ONCE);
            let page = store.tools(source.organization, source.id, after.as_deref(), limit).await.shown()?;
            let Some(last) = page.last() else { return Ok(tools) };
            after = Some(fold(&last.tool.name));
            let is_visible = |tool: &Tool| {
                let path = format!("{}.{}", source.name, tool.name);
                !gate::is_hidden(snapshot, &self.principal, &path)
            };
            tools.extend(page.into_iter().map(|stored| stored.tool).filter(is_visible));
        }
    }

    /// A tool with its schemas and its TypeScript (scope `read`). `path` may be in any spelling.
    pub async fn describe(&self, path: &str) -> Result<ToolView, Failure> {
        self.principal.require(Scope::Read)?;
        let snapshot = self.snapshot().await?;
        let tool = match gate::find(&self.engine, &snapshot, &self.principal, path).await {
            Ok((_, tool)) => tool,
            Err(Refusal::Tool(error)) => return Err(error.into()),
            Err(Refusal::Storage(error)) => return Err(crate::failure::of_store(&error)),
        };
        if gate::is_hidden(&snapshot, &self.principal, tool.path.as_str()) {
            return Err(Failure::new(ErrorCode::ToolNotFound, format!("There is no tool `{path}`.")));
        }
        Ok(tools::view(&self.principal, &snapshot, &tool, path))
    }
}
