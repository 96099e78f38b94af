//! Sources, their tools, and the schemas that those share.

use std::collections::BTreeMap;

use executor_core::path::fold;
use executor_core::review::ToolChange;
use executor_core::tool::{SharedSchema, SideEffect, SourceKind, Tool};
use executor_core::{
    AuditEntry, ConnectionId, Digest, Json, OrganizationId, SourceId, Timestamp, WorkspaceId,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::Store;
use crate::audit::record;
use crate::connections::Connection;
use crate::durability::Durability;
use crate::entity::{schemas, source_contexts, sources, tool_aliases, tool_changes, tool_pages, tools};
use crate::error::Error;
use crate::read::{count, from_count, json, named, parse, parse_some, some_time, time, to_json};
use crate::tool_aliases::ToolAlias;
use crate::tool_changes::{StoredChange, read_change};
use crate::tool_words::pages;
use crate::transaction::{Transaction, insert_all};

/// Something with an API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its id.
    pub id: SourceId,
    /// The organization that it belongs to.
    pub organization: OrganizationId,
    /// The workspace that owns it; none if the organization does.
    pub workspace: Option<WorkspaceId>,
    /// The first segment of its tools' paths.
    pub name: String,
    /// Its kind.
    pub kind: SourceKind,
    /// The document's title.
    pub title: String,
    /// What the document says about it.
    pub description: String,
    /// Where the document came from.
    pub url: Option<String>,
    /// Where the API is.
    pub base_url: Option<String>,
    /// The document's own version.
    pub version: Option<String>,
    /// The digest of the document.
    pub document: Digest,
    /// Whether what it says about its tools' effects is believed.
    pub trusted: bool,
    /// How many tools it has.
    pub tool_count: u64,
    /// Operations that became no tool; the engine's own JSON.
    pub skipped: Json,
    /// The ways to sign in; the engine's own JSON.
    pub methods: Json,
    /// When it was added.
    pub created_at: Timestamp,
    /// When its document was last read.
    pub refreshed_at: Timestamp,
    /// Rises with each change of its tools, or of what is accepted of them; 0 when it was added.
    pub revision: u64,
    /// Where its adder said that the API is, whatever the document says.
    pub pinned_base_url: Option<String>,
    /// Which operations are taken; all if there is none.
    pub include: Vec<String>,
    /// The document's tag where it was fetched.
    pub etag: Option<String>,
    /// The connection with whose credential the document is read, where it was added with one.
    pub reads_with: Option<ConnectionId>,
    /// How often the document is read again, in milliseconds: 0 is never, none as the deployment has it.
    pub refresh_every_ms: Option<u64>,
    /// When it is read again next.
    pub refresh_due_at: Option<Timestamp>,
    /// Why it could not be read when it was last tried; the engine's own JSON.
    pub refresh_failure: Option<Json>,
    /// The servers that its document names; the engine's own JSON.
    pub servers: Json,
    /// Which one was chosen, if one was; the engine's own JSON.
    pub server: Option<Json>,
    /// How long a call of its tools may take, in milliseconds; none as all calls.
    pub call_timeout_ms: Option<u64>,
    /// Until when what is known of it counts by its API's own account.
    pub stale_at: Option<Timestamp>,
}

/// What a source's document offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// The tools.
    pub tools: Vec<Tool>,
    /// The schemas that they share.
    pub schemas: Vec<SharedSchema>,
    /// What all their calls are planned with.
    pub context: Option<Json>,
}

/// What a refresh changes besides what a source offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changed {
    /// The tools that are not as they were accepted.
    pub changes: Vec<StoredChange>,
    /// The paths that tools had before.
    pub aliases: Vec<ToolAlias>,
}

/// A tool as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTool {
    /// The source that it belongs to.
    pub source: SourceId,
    /// The tool.
    pub tool: Tool,
    /// What became of it since it was last accepted.
    pub change: Option<ToolChange>,
}

/// A source, and which version of its tools it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceVersion {
    /// The organization.
    pub organization: OrganizationId,
    /// Its id.
    pub id: SourceId,
    /// Its name.
    pub name: String,
    /// The document's title.
    pub title: String,
    /// Where the document came from.
    pub url: Option<String>,
    /// Where the API is.
    pub base_url: Option<String>,
    /// Rises with each change of its tools.
    pub revision: u64,
}

impl From<&Source> for SourceVersion {
    fn from(source: &Source) -> Self {
        Self {
            organization: source.organization,
            id: source.id,
            name: source.name.clone(),
            title: source.title.clone(),
            url: source.url.clone(),
            base_url: source.base_url.clone(),
            revision: source.revision,
        }
    }
}

/// The rows of a source.
struct Rows {
    source: sources::Model,
    tools: Vec<tools::Model>,
    pages: Vec<tool_pages::Model>,
    schemas: Vec<schemas::Model>,
    context: Option<source_contexts::Model>,
}

impl Rows {
    fn of(source: &Source, contents: Contents) -> Result<Self, Error> {
        let Contents { mut tools, schemas, context } = contents;
        let (organization, id) = (source.organization.to_string(), source.id.to_string());
        tools.sort_by_cached_key(|tool| fold(&tool.name));
        let pages = pages(&organization, &id, &tools)?;
        let tools = tools
            .into_iter()
            .map(|tool| tool_row(&organization, &id, tool))
            .collect::<Result<Vec<_>, _>>()?;
        let schemas = schemas.into_iter().map(|shared| schemas::Model {
            organization_id: organization.clone(),
            source_id: id.clone(),
            name: shared.name,
            body: shared.schema.as_str().to_owned(),
        });
        let context = context.map(|context| source_contexts::Model {
            source_id: id.clone(),
            organization_id: organization.clone(),
            body: context.as_str().to_owned(),
        });
        Ok(Self { source: to_row(source)?, schemas: schemas.collect(), tools, pages, context })
    }

    /// Writes all but the source itself.
    async fn insert_parts(self, transaction: &Transaction) -> Result<(), Error> {
        insert_all(transaction, self.tools).await?;
        insert_all(transaction, self.pages).await?;
        insert_all(transaction, self.schemas).await?;
        insert_all(transaction, self.context.into_iter().collect()).await
    }
}

impl Store {
    /// Adds a source with its tools, and a first connection to it. [`Error::NameTaken`] if another of the same owner has
    /// the name, in any spelling.
    pub async fn add_source(
        &self,
        source: Source,
        contents: Contents,
        connection: Option<Connection>,
        audit: Vec<AuditEntry>,
    ) -> Result<(), Error> {
        let rows = Rows::of(&source, contents)?;
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                rows.source.clone().into_active_model().insert(transaction).await?;
                rows.insert_parts(transaction).await?;
                if let Some(connection) = connection {
                    connection.into_row().into_active_model().insert(transaction).await?;
                }
                record(transaction, audit).await
            })
        })
        .await
    }

    /// Puts other tools in the place of those that a source has, with all that has changed since they were accepted, and all
    /// old paths that still count.
    /// [`Error::Changed`] unless the source's revision is one more than the one that is there.
    pub async fn refresh_source(
        &self,
        source: Source,
        contents: Contents,
        Changed { changes, aliases }: Changed,
        audit: AuditEntry,
    ) -> Result<(), Error> {
        let rows = Rows::of(&source, contents)?;
        let organization = rows.source.organization_id.clone();
        let aliases: Vec<_> = aliases.into_iter().map(|alias| alias.into_row(&organization)).collect();
        let changes = changes
            .into_iter()
            .map(|change| change.into_row(&rows.source.organization_id, &rows.source.id))
            .collect::<Result<Vec<_>, _>>()?;
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                let id = &rows.source.id;
                let known = lock_source(transaction, &rows.source.organization_id, id).await?;
                if known.revision.saturating_add(1) != rows.source.revision {
                    return Err(Error::Changed);
                }
                tools::Entity::delete_many().filter(tools::Column::SourceId.eq(id)).exec(transaction).await?;
                tool_pages::Entity::delete_many()
                    .filter(tool_pages::Column::SourceId.eq(id))
                    .exec(transaction)
                    .await?;
                schemas::Entity::delete_many()
                    .filter(schemas::Column::SourceId.eq(id))
                    .exec(transaction)
                    .await?;
                source_contexts::Entity::delete_by_id(id).exec(transaction).await?;
                tool_changes::Entity::delete_many()
                    .filter(tool_changes::Column::SourceId.eq(id))
                    .exec(transaction)
                    .await?;
                tool_aliases::Entity::delete_many()
                    .filter(tool_aliases::Column::SourceId.eq(id))
                    .exec(transaction)
                    .await?;
                rows.source.clone().into_active_model().reset_all().update(transaction).await?;
                rows.insert_parts(transaction).await?;
                insert_all(transaction, changes).await?;
                insert_all(transaction, aliases).await?;
                record(transaction, [audit]).await
            })
        })
        .await
    }

    /// Removes a source with its tools, schemas and connections.
    pub async fn remove_source(
        &self,
        organization: OrganizationId,
        source: SourceId,
        audit: AuditEntry,
    ) -> Result<(), Error> {
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                let removed = sources::Entity::delete_many()
                    .filter(sources::Column::Id.eq(source.to_string()))
                    .filter(sources::Column::OrganizationId.eq(organization.to_string()))
                    .exec(transaction)
                    .await?;
                if removed.rows_affected == 0 {
                    return Err(Error::NotFound("source"));
                }
                record(transaction, [audit]).await
            })
        })
        .await
    }

    /// The sources that a workspace sees, its own and its organization's, by name.
    pub async fn sources(
        &self,
        organization: OrganizationId,
        workspace: WorkspaceId,
    ) -> Result<Vec<Source>, Error> {
        let rows = sources::Entity::find()
            .filter(sources::Column::OrganizationId.eq(organization.to_string()))
            .filter(
                Condition::any()
                    .add(sources::Column::WorkspaceId.is_null())
                    .add(sources::Column::WorkspaceId.eq(workspace.to_string())),
            )
            .order_by_asc(sources::Column::Name)
            .all(&self.readers)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// Every source of the deployment as it stands: what the index of tools is built from, and kept up with.
    pub async fn all_sources(&self) -> Result<Vec<SourceVersion>, Error> {
        use sources::Column;
        type Row = (String, String, String, String, Option<String>, Option<String>, i64);
        let rows: Vec<Row> = sources::Entity::find()
            .select_only()
            .columns([
                Column::OrganizationId,
                Column::Id,
                Column::Name,
                Column::Title,
                Column::Url,
                Column::BaseUrl,
            ])
            .column(Column::Revision)
            .order_by_asc(Column::Id)
            .into_tuple()
            .all(&self.readers)
            .await?;
        let each = |(organization, id, name, title, url, base_url, revision): Row| {
            Ok(SourceVersion {
                organization: parse("sources", &organization)?,
                id: parse("sources", &id)?,
                name,
                title,
                url,
                base_url,
                revision: count(revision),
            })
        };
        rows.into_iter().map(each).collect()
    }

    /// A tool by its path within the source, in any spelling.
    pub async fn tool(
        &self,
        organization: OrganizationId,
        source: SourceId,
        name: &str,
    ) -> Result<Option<StoredTool>, Error> {
        // In one statement: whoever sees a changed tool sees that it is changed.
        let row = tools::Entity::find_by_id((source.to_string(), fold(name)))
            .find_also_related(tool_changes::Entity)
            .filter(tools::Column::OrganizationId.eq(organization.to_string()))
            .one(&self.readers)
            .await?;
        row.map(read_tool).transpose()
    }

    /// Tools of a source, in the order of their folded paths, after the one of that folded path.
    pub async fn tools(
        &self,
        organization: OrganizationId,
        source: SourceId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StoredTool>, Error> {
        let mut query = tools::Entity::find()
            .find_also_related(tool_changes::Entity)
            .filter(tools::Column::OrganizationId.eq(organization.to_string()))
            .filter(tools::Column::SourceId.eq(source.to_string()))
            .order_by_asc(tools::Column::Folded)
            .limit(u64::from(limit));
        if let Some(after) = after {
            query = query.filter(tools::Column::Folded.gt(after));
        }
        query.all(&self.readers).await?.into_iter().map(read_tool).collect()
    }

    /// What all calls of a source's tools are planned with, if its kind needs such.
    pub async fn source_context(
        &self,
        organization: OrganizationId,
        source: SourceId,
    ) -> Result<Option<Json>, Error> {
        let row = source_contexts::Entity::find_by_id(source.to_string())
            .filter(source_contexts::Column::OrganizationId.eq(organization.to_string()))
            .one(&self.readers)
            .await?;
        row.map(|row| Json::parse(row.body).map_err(|error| Error::corrupt("source_contexts", error)))
            .transpose()
    }

    /// Every shared schema of a source.
    pub async fn all_schemas(
        &self,
        organization: OrganizationId,
        source: SourceId,
    ) -> Result<BTreeMap<String, Json>, Error> {
        let rows = schemas::Entity::find()
            .filter(schemas::Column::OrganizationId.eq(organization.to_string()))
            .filter(schemas::Column::SourceId.eq(source.to_string()))
            .all(&self.readers)
            .await?;
        let read = |row: schemas::Model| {
            let schema = Json::parse(row.body).map_err(|error| Error::corrupt("schemas", error))?;
            Ok((row.name, schema))
        };
        rows.into_iter().map(read).collect()
    }

    /// The schemas of these names, and all that they refer to in turn.
    pub async fn schemas(
        &self,
        organization: OrganizationId,
        source: SourceId,
        names: Vec<String>,
    ) -> Result<BTreeMap<String, Json>, Error> {
        let mut found = BTreeMap::new();
        let mut wanted = names;
        while !wanted.is_empty() {
            let rows = schemas::Entity::find()
                .filter(schemas::Column::OrganizationId.eq(organization.to_string()))
                .filter(schemas::Column::SourceId.eq(source.to_string()))
                .filter(schemas::Column::Name.is_in(wanted.drain(..)))
                .all(&self.readers)
                .await?;
            let mut next = Vec::new();
            for row in rows {
                next.extend(schema_references(&row.body));
                let schema = Json::parse(row.body).map_err(|error| Error::corrupt("schemas", error))?;
                found.insert(row.name, schema);
            }
            next.sort_unstable();
            next.dedup();
            next.retain(|name| !found.contains_key(name));
            wanted = next;
        }
        Ok(found)
    }
}

/// The row of a source, which nobody else changes meanwhile.
pub(crate) async fn lock_source(
    transaction: &Transaction,
    organization: &str,
    source: &str,
) -> Result<sources::Model, Error> {
    sources::Entity::find_by_id(source)
        .filter(sources::Column::OrganizationId.eq(organization))
        .lock_exclusive()
        .one(transaction)
        .await?
        .ok_or(Error::NotFound("source"))
}

/// The names that a schema's text refers to: `"#/$defs/<name>"`. The importer writes names without escapes.
pub fn schema_references(schema: &str) -> Vec<String> {
    let marker = "\"#/$defs/";
    schema
        .match_indices(marker)
        .filter_map(|(at, _)| schema[at + marker.len()..].split('"').next())
        .map(str::to_owned)
        .collect()
}

fn tool_row(organization: &str, source: &str, tool: Tool) -> Result<tools::Model, Error> {
    Ok(tools::Model {
        organization_id: organization.to_owned(),
        source_id: source.to_owned(),
        folded: fold(&tool.name),
        name: tool.name,
        summary: tool.summary,
        description: tool.description,
        side_effect: tool.side_effect.as_str().to_owned(),
        deprecated: tool.deprecated,
        input: tool.input.as_str().to_owned(),
        output: tool.output.map(|schema| schema.as_str().to_owned()),
        operation: tool.operation.as_str().to_owned(),
    })
}

fn read_tool((row, change): (tools::Model, Option<tool_changes::Model>)) -> Result<StoredTool, Error> {
    let document = |text: String| Json::parse(text).map_err(|error| Error::corrupt("tools", error));
    Ok(StoredTool {
        source: parse("tools", &row.source_id)?,
        tool: Tool {
            name: row.name,
            summary: row.summary,
            description: row.description,
            deprecated: row.deprecated,
            side_effect: named("tools", SideEffect::from_name(&row.side_effect), &row.side_effect)?,
            input: document(row.input)?,
            output: row.output.map(document).transpose()?,
            operation: document(row.operation)?,
        },
        change: change.map(|row| read_change(row).map(|stored| stored.change)).transpose()?,
    })
}

fn to_row(source: &Source) -> Result<sources::Model, Error> {
    let owner =
        source.workspace.map_or_else(|| source.organization.to_string(), |workspace| workspace.to_string());
    Ok(sources::Model {
        id: source.id.to_string(),
        organization_id: source.organization.to_string(),
        workspace_id: source.workspace.map(|id| id.to_string()),
        owner_id: owner,
        name: source.name.clone(),
        folded: fold(&source.name),
        kind: source.kind.as_str().to_owned(),
        title: source.title.clone(),
        description: source.description.clone(),
        url: source.url.clone(),
        base_url: source.base_url.clone(),
        version: source.version.clone(),
        document_digest: source.document.to_string(),
        trusted: source.trusted,
        tool_count: from_count(source.tool_count),
        skipped: to_json(&source.skipped)?,
        methods: to_json(&source.methods)?,
        created_at: source.created_at.as_millis(),
        refreshed_at: source.refreshed_at.as_millis(),
        revision: from_count(source.revision),
        pinned_base_url: source.pinned_base_url.clone(),
        included: to_json(&source.include)?,
        etag: source.etag.clone(),
        reads_with: source.reads_with.map(|id| id.to_string()),
        refresh_every_ms: source.refresh_every_ms.map(from_count),
        refresh_due_at: source.refresh_due_at.map(Timestamp::as_millis),
        refresh_failure: source.refresh_failure.as_ref().map(to_json).transpose()?,
        servers: to_json(&source.servers)?,
        server: source.server.as_ref().map(to_json).transpose()?,
        call_timeout_ms: source.call_timeout_ms.map(from_count),
        stale_at: source.stale_at.map(Timestamp::as_millis),
    })
}

pub(crate) fn read(row: sources::Model) -> Result<Source, Error> {
    Ok(Source {
        id: parse("sources", &row.id)?,
        organization: parse("sources", &row.organization_id)?,
        workspace: parse_some("sources", row.workspace_id.as_deref())?,
        name: row.name,
        kind: named("sources", SourceKind::from_name(&row.kind), &row.kind)?,
        title: row.title,
        description: row.description,
        url: row.url,
        base_url: row.base_url,
        version: row.version,
        document: parse("sources", &row.document_digest)?,
        trusted: row.trusted,
        tool_count: count(row.tool_count),
        skipped: json("sources", &row.skipped)?,
        methods: json("sources", &row.methods)?,
        created_at: time(row.created_at),
        refreshed_at: time(row.refreshed_at),
        revision: count(row.revision),
        pinned_base_url: row.pinned_base_url,
        include: json("sources", &row.included)?,
        etag: row.etag,
        reads_with: parse_some("sources", row.reads_with.as_deref())?,
        refresh_every_ms: row.refresh_every_ms.map(count),
        refresh_due_at: some_time(row.refresh_due_at),
        refresh_failure: row.refresh_failure.map(|text| json("sources", &text)).transpose()?,
        servers: json("sources", &row.servers)?,
        server: row.server.map(|text| json("sources", &text)).transpose()?,
        call_timeout_ms: row.call_timeout_ms.map(count),
        stale_at: some_time(row.stale_at),
    })
}
