//! Tools: search, list, describe.

use executor_core::path::fold;
use executor_core::{ErrorCode, Failure, Scope, ToolPath};

use super::Workspace;
use super::tasks::bad_cursor;
use crate::failure::StoreResult;
use crate::gate::{self, Refusal};
use crate::tools;
use crate::view::{Page, PageRequest, SearchAnswer, ToolQuery, ToolSummary, ToolView};

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
        Ok(tools::view(&self.principal, &snapshot, &tool))
    }
}
