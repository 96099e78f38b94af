//! Organizations and their workspaces.

use executor_core::{AccountId, AuditEntry, MembershipId, OrganizationId, Role, Timestamp, WorkspaceId};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use crate::audit::record;
use crate::durability::Durability;
use crate::entity::{organizations, workspaces};
use crate::error::Error;
use crate::members::AccountKind;
use crate::read::parse;
use crate::{Account, Store};

/// An organization: the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// The short name in addresses.
    pub slug: String,
    /// The name for people.
    pub name: String,
}

/// A workspace of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// The organization that it belongs to.
    pub organization: OrganizationId,
    /// The short name in addresses.
    pub slug: String,
    /// The name for people.
    pub name: String,
}

/// What a new deployment begins with.
#[derive(Debug, Clone)]
pub struct Bootstrap {
    /// The first organization.
    pub organization: Organization,
    /// Its first workspace.
    pub workspace: Workspace,
    /// Its first owner.
    pub owner: Account,
    /// The owner's place in it.
    pub membership: MembershipId,
}

impl Store {
    /// Writes what a new deployment begins with, unless there is an organization already. Gives the oldest one and
    /// its oldest owner.
    pub async fn bootstrap(
        &self,
        first: Bootstrap,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<(Organization, AccountId), Error> {
        let begun = self
            .write(Durability::Synced, move |transaction| {
                Box::pin(async move {
                    if organizations::Entity::find().one(transaction).await?.is_some() {
                        return Ok(());
                    }
                    let Bootstrap { organization, workspace, owner, membership } = first;
                    let organization_row = organizations::Model {
                        id: organization.id.to_string(),
                        slug: organization.slug,
                        name: organization.name,
                        created_at: now.as_millis(),
                    };
                    let workspace_row = workspaces::Model {
                        id: workspace.id.to_string(),
                        organization_id: organization.id.to_string(),
                        slug: workspace.slug,
                        name: workspace.name,
                        created_at: now.as_millis(),
                    };
                    organization_row.into_active_model().insert(transaction).await?;
                    workspace_row.into_active_model().insert(transaction).await?;
                    crate::members::insert(
                        transaction,
                        organization.id,
                        &owner,
                        membership,
                        Role::Owner,
                        now,
                    )
                    .await?;
                    record(transaction, [audit]).await
                })
            })
            .await;
        match begun {
            // Another process begins at the same time, and was first.
            Ok(()) | Err(Error::NameTaken) => {}
            Err(error) => return Err(error),
        }
        let organization = organizations::Entity::find()
            .order_by_asc(organizations::Column::CreatedAt)
            .order_by_asc(organizations::Column::Id)
            .one(&self.readers)
            .await?
            .ok_or(Error::NotFound("organization"))?;
        let organization = organization.read()?;
        let members = self.members(organization.id).await?;
        let owner = members
            .iter()
            .filter(|member| member.role == Role::Owner && member.account.kind != AccountKind::Anonymous)
            .min_by_key(|member| (member.created_at, member.account.id))
            .ok_or(Error::NotFound("owner"))?;
        Ok((organization, owner.account.id))
    }

    /// The workspaces of an organization, by their slug.
    pub async fn workspaces(&self, organization: OrganizationId) -> Result<Vec<Workspace>, Error> {
        let rows = workspaces::Entity::find()
            .filter(workspaces::Column::OrganizationId.eq(organization.to_string()))
            .order_by_asc(workspaces::Column::Slug)
            .all(&self.readers)
            .await?;
        rows.into_iter().map(workspaces::Model::read).collect()
    }
}

impl organizations::Model {
    fn read(self) -> Result<Organization, Error> {
        Ok(Organization { id: parse("organizations", &self.id)?, slug: self.slug, name: self.name })
    }
}

impl workspaces::Model {
    fn read(self) -> Result<Workspace, Error> {
        Ok(Workspace {
            id: parse("workspaces", &self.id)?,
            organization: parse("workspaces", &self.organization_id)?,
            slug: self.slug,
            name: self.name,
        })
    }
}
