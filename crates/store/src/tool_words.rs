//! What a search needs of each tool, packed: 100,000 rows take most of a second to read, 400 do not.

use executor_core::tool::{SideEffect, Tool};
use executor_core::{Json, OrganizationId, SourceId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::entity::tool_pages;
use crate::error::Error;

/// Tools in a page. A page is read and written whole.
const TOOLS_PER_PAGE: usize = 256;

/// What a search needs of a tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolWords {
    /// The path within the source.
    pub name: String,
    /// One line.
    pub summary: String,
    /// As much as the source says.
    pub description: String,
    /// The names of its arguments.
    pub parameters: Vec<String>,
    /// What calling it does.
    pub side_effect: SideEffect,
    /// Whether the source wants it used no more.
    pub deprecated: bool,
}

impl Store {
    /// What a search needs of each tool of a source, in the order of their folded paths.
    pub async fn tool_words(
        &self,
        organization: OrganizationId,
        source: SourceId,
    ) -> Result<Vec<ToolWords>, Error> {
        let pages = tool_pages::Entity::find()
            .filter(tool_pages::Column::OrganizationId.eq(organization.to_string()))
            .filter(tool_pages::Column::SourceId.eq(source.to_string()))
            .order_by_asc(tool_pages::Column::Page)
            .all(&self.readers)
            .await?;
        let mut words = Vec::with_capacity(pages.len() * TOOLS_PER_PAGE);
        for page in pages {
            let page: Vec<ToolWords> =
                postcard::from_bytes(&page.words).map_err(|error| Error::corrupt("tool_pages", error))?;
            words.extend(page);
        }
        Ok(words)
    }
}

/// The pages of a source's tools, which are in the order of their folded paths.
pub(crate) fn pages(
    organization: &str,
    source: &str,
    tools: &[Tool],
) -> Result<Vec<tool_pages::Model>, Error> {
    (0..)
        .zip(tools.chunks(TOOLS_PER_PAGE))
        .map(|(page, tools)| {
            let words: Vec<_> = tools.iter().map(words_of).collect();
            let words = postcard::to_stdvec(&words).map_err(|error| Error::Other(error.to_string()))?;
            Ok(tool_pages::Model {
                organization_id: organization.to_owned(),
                source_id: source.to_owned(),
                page,
                words,
            })
        })
        .collect()
}

fn words_of(tool: &Tool) -> ToolWords {
    ToolWords {
        name: tool.name.clone(),
        summary: tool.summary.clone(),
        description: tool.description.clone(),
        parameters: parameter_names(&tool.input),
        side_effect: tool.side_effect,
        deprecated: tool.deprecated,
    }
}

/// The names of the top-level arguments. A schema without any has none.
fn parameter_names(input: &Json) -> Vec<String> {
    #[derive(Deserialize)]
    struct Input {
        #[serde(default)]
        properties: serde_json::Map<String, serde_json::Value>,
    }
    let names = |input: Input| input.properties.into_iter().map(|(name, _)| name).collect();
    input.read::<Input>().map(names).unwrap_or_default()
}
