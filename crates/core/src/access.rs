//! Who asks, and what they may do.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{ErrorCode, Failure};
use crate::id::{AccountId, KeyId, OrganizationId, WorkspaceId};

/// An account's role in an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May do everything, appointing owners included.
    Owner,
    /// May do everything but appoint or remove owners.
    Admin,
    /// May run tasks and keep connections of their own.
    Member,
    /// May see and change billing only.
    BillingAdmin,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 4] = [Role::Owner, Role::Admin, Role::Member, Role::BillingAdmin];

    /// The role's name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::Admin => "admin",
            Role::Member => "member",
            Role::BillingAdmin => "billing_admin",
        }
    }

    /// What a person with this role may do when they are present themselves.
    pub fn scopes(self) -> BTreeSet<Scope> {
        match self {
            Role::Owner | Role::Admin => Scope::ALL.into(),
            Role::Member => [Scope::Read, Scope::Run].into(),
            Role::BillingAdmin => BTreeSet::new(),
        }
    }
}

impl std::str::FromStr for Role {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        Role::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| {
            Failure::new(ErrorCode::InvalidRequest, format!("`{text}` is not a role"))
                .with_hint("Roles are owner, admin, member and billing_admin.")
        })
    }
}

/// What a key, a token or a session may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// See tools, sources, tasks and journals.
    Read,
    /// Submit and cancel tasks.
    Run,
    /// Change sources, connections and policies.
    Manage,
    /// Decide approvals. Never part of what an agent carries.
    Approve,
    /// Change members and keys.
    Administer,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Scope; 5] = [Scope::Read, Scope::Run, Scope::Manage, Scope::Approve, Scope::Administer];

    /// The scope's name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Run => "run",
            Scope::Manage => "manage",
            Scope::Approve => "approve",
            Scope::Administer => "administer",
        }
    }
}

impl std::str::FromStr for Scope {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        Scope::ALL.into_iter().find(|scope| scope.as_str() == text).ok_or_else(|| {
            Failure::new(ErrorCode::InvalidRequest, format!("`{text}` is not a scope"))
                .with_hint("Scopes are read, run, manage, approve and administer.")
        })
    }
}

/// Who asks: what every entry point takes and every gate sees. Nothing about the asker comes from anywhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The account that acts.
    pub account: AccountId,
    /// The organization in which it acts.
    pub organization: OrganizationId,
    /// The only workspace that it may act in, if its key is bound to one.
    pub workspace: Option<WorkspaceId>,
    /// Its roles in the organization.
    pub roles: BTreeSet<Role>,
    /// Groups that rules may name.
    pub groups: BTreeSet<String>,
    /// What it may do here: the role's scopes narrowed by the key's.
    pub scopes: BTreeSet<Scope>,
    /// The key that it came with, if it did.
    pub key: Option<KeyId>,
    /// The program that it came with, as that named itself.
    pub client: Option<String>,
    /// The toolkit that narrows its catalog, if one does.
    pub toolkit: Option<String>,
}

impl Principal {
    /// Whether it may act in this workspace of its organization.
    pub fn may_enter(&self, workspace: WorkspaceId) -> bool {
        self.workspace.is_none_or(|only| only == workspace)
    }

    /// Fails with [`ErrorCode::Forbidden`] unless the principal has the scope.
    pub fn require(&self, scope: Scope) -> Result<(), Failure> {
        if self.scopes.contains(&scope) {
            return Ok(());
        }
        Err(Failure::new(ErrorCode::Forbidden, format!("This needs the scope `{}`.", scope.as_str()))
            .with_hint("Use a key that has it, or ask an owner or admin of the organization."))
    }
}
