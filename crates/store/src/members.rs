//! Accounts and their places in organizations.

use executor_core::{AccountId, AuditEntry, MembershipId, OrganizationId, Role, Timestamp};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Set,
};

use crate::Store;
use crate::audit::record;
use crate::durability::Durability;
use crate::entity::{accounts, keys, memberships};
use crate::error::Error;
use crate::read::{parse, time};
use crate::transaction::Transaction;

/// What an account stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountKind {
    /// A person.
    Person,
    /// A program that has a name of its own.
    Service,
    /// Somebody who did not say.
    Anonymous,
}

impl AccountKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Service => "service",
            Self::Anonymous => "anonymous",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Person, Self::Service, Self::Anonymous].into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A person, a service, or somebody anonymous.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// What it stands for.
    pub kind: AccountKind,
    /// The name for people.
    pub name: String,
    /// The address, if it has one.
    pub email: Option<String>,
}

/// An account's place in an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The account.
    pub account: Account,
    /// What it may do.
    pub role: Role,
    /// Since when.
    pub created_at: Timestamp,
}

pub(crate) async fn insert(
    transaction: &Transaction,
    organization: OrganizationId,
    account: &Account,
    membership: MembershipId,
    role: Role,
    now: Timestamp,
) -> Result<(), Error> {
    let account_row = accounts::Model {
        id: account.id.to_string(),
        kind: account.kind.as_str().to_owned(),
        name: account.name.clone(),
        email: account.email.clone(),
        created_at: now.as_millis(),
    };
    let membership_row = memberships::Model {
        id: membership.to_string(),
        organization_id: organization.to_string(),
        account_id: account.id.to_string(),
        role: role.as_str().to_owned(),
        created_at: now.as_millis(),
    };
    account_row.into_active_model().insert(transaction).await?;
    membership_row.into_active_model().insert(transaction).await?;
    Ok(())
}

impl Store {
    /// Adds an account to an organization.
    pub async fn add_member(
        &self,
        organization: OrganizationId,
        account: Account,
        membership: MembershipId,
        role: Role,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<(), Error> {
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                insert(transaction, organization, &account, membership, role, now).await?;
                record(transaction, [audit]).await
            })
        })
        .await
    }

    /// The members of an organization, by name.
    pub async fn members(&self, organization: OrganizationId) -> Result<Vec<Membership>, Error> {
        let places = memberships::Entity::find()
            .filter(memberships::Column::OrganizationId.eq(organization.to_string()))
            .all(&self.readers)
            .await?;
        let ids = places.iter().map(|place| place.account_id.clone());
        let accounts = accounts::Entity::find()
            .filter(accounts::Column::Id.is_in(ids))
            .order_by_asc(accounts::Column::Name)
            .order_by_asc(accounts::Column::Id)
            .all(&self.readers)
            .await?;
        accounts
            .into_iter()
            .filter_map(|account| {
                let place = places.iter().find(|place| place.account_id == account.id)?;
                Some(read(account, place))
            })
            .collect()
    }

    /// An account's role in an organization, if it has one.
    pub async fn role(
        &self,
        organization: OrganizationId,
        account: AccountId,
    ) -> Result<Option<Role>, Error> {
        let place = memberships::Entity::find()
            .filter(memberships::Column::OrganizationId.eq(organization.to_string()))
            .filter(memberships::Column::AccountId.eq(account.to_string()))
            .one(&self.readers)
            .await?;
        place.map(|place| role_of(&place)).transpose()
    }

    /// Changes a member's role.
    pub async fn set_role(
        &self,
        organization: OrganizationId,
        account: AccountId,
        role: Role,
        audit: AuditEntry,
    ) -> Result<(), Error> {
        self.change_member(organization, account, Some(role), None, audit).await
    }

    /// Removes a member and revokes their keys in the organization. Their account and what they did stays.
    pub async fn remove_member(
        &self,
        organization: OrganizationId,
        account: AccountId,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<(), Error> {
        self.change_member(organization, account, None, Some(now), audit).await
    }

    async fn change_member(
        &self,
        organization: OrganizationId,
        account: AccountId,
        role: Option<Role>,
        removed_at: Option<Timestamp>,
        audit: AuditEntry,
    ) -> Result<(), Error> {
        self.write(Durability::Synced, move |transaction| {
            Box::pin(async move {
                let places = memberships::Entity::find()
                    .filter(memberships::Column::OrganizationId.eq(organization.to_string()))
                    .lock_exclusive()
                    .all(transaction)
                    .await?;
                let place = places.iter().find(|place| place.account_id == account.to_string());
                let place = place.ok_or(Error::NotFound("member"))?.clone();
                let owner = Role::Owner.as_str();
                let other_owners = places.iter().any(|other| other.role == owner && other.id != place.id);
                if place.role == owner && role != Some(Role::Owner) && !other_owners {
                    return Err(Error::LastOwner);
                }
                match role {
                    Some(role) => {
                        let mut place = place.into_active_model();
                        place.role = Set(role.as_str().to_owned());
                        place.update(transaction).await?;
                    }
                    None => {
                        place.into_active_model().delete(transaction).await?;
                        keys::Entity::update_many()
                            .col_expr(
                                keys::Column::RevokedAt,
                                sea_orm::sea_query::Expr::value(removed_at.map(Timestamp::as_millis)),
                            )
                            .filter(keys::Column::OrganizationId.eq(organization.to_string()))
                            .filter(keys::Column::AccountId.eq(account.to_string()))
                            .filter(keys::Column::RevokedAt.is_null())
                            .exec(transaction)
                            .await?;
                    }
                }
                record(transaction, [audit]).await
            })
        })
        .await
    }
}

fn role_of(place: &memberships::Model) -> Result<Role, Error> {
    place.role.parse().map_err(|error| Error::corrupt("memberships", error))
}

fn read(account: accounts::Model, place: &memberships::Model) -> Result<Membership, Error> {
    let kind =
        AccountKind::from_name(&account.kind).ok_or_else(|| Error::corrupt("accounts", &account.kind))?;
    Ok(Membership {
        account: Account {
            id: parse("accounts", &account.id)?,
            kind,
            name: account.name,
            email: account.email,
        },
        role: role_of(place)?,
        created_at: time(place.created_at),
    })
}
