//! The organization, entered in somebody's name: members and keys.

use std::collections::BTreeSet;
use std::sync::Arc;

use executor_core::{
    AccountId, AuditAction, Digest, ErrorCode, Failure, KeyId, MembershipId, Principal, Role, Scope,
    Timestamp,
};
use executor_store::{Account, AccountKind, Key, Membership};
use serde_json::json;

use crate::Inner;
use crate::failure::StoreResult;
use crate::view::{CreatedKey, KeyView, MemberView, NewKey, NewMember};

/// What every key's secret begins with, so that scanners know a leaked one.
const SECRET_PREFIX: &str = "exk_";

/// The principal's organization. Each method says which scope it wants.
#[derive(Clone)]
pub struct Organization {
    pub(crate) engine: Arc<Inner>,
    pub(crate) principal: Principal,
}

impl Organization {
    /// In whose name.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The members, by name (scope `read`).
    pub async fn members(&self) -> Result<Vec<MemberView>, Failure> {
        self.principal.require(Scope::Read)?;
        let members = self.engine.store.members(self.principal.organization).await.shown()?;
        Ok(members.into_iter().map(member_view).collect())
    }

    /// Adds a member with a new account (scope `administer`).
    pub async fn add_member(&self, member: NewMember) -> Result<MemberView, Failure> {
        self.principal.require(Scope::Administer)?;
        self.may_appoint(member.role)?;
        if member.name.trim().is_empty() {
            return Err(Failure::new(ErrorCode::InvalidRequest, "`name` is empty."));
        }
        let (ids, now) = (self.engine.ids.as_ref(), self.engine.clock.now());
        let account = Account {
            id: AccountId::new(ids, now),
            kind: AccountKind::Person,
            name: member.name,
            email: member.email,
        };
        let (organization, membership) = (self.principal.organization, MembershipId::new(ids, now));
        let shown = member_view(Membership { account: account.clone(), role: member.role, created_at: now });
        let audit = self.audit(AuditAction::MemberAdded).on(account.id).with(&shown);
        self.engine
            .store
            .add_member(organization, account, membership, member.role, now, audit)
            .await
            .shown()?;
        self.engine.directory.changed();
        Ok(shown)
    }

    /// Changes a member's role (scope `administer`; only owners make owners, or unmake them).
    pub async fn set_role(&self, account: AccountId, role: Role) -> Result<MemberView, Failure> {
        self.principal.require(Scope::Administer)?;
        let member = self.member(account).await?;
        self.may_appoint(role)?;
        self.may_appoint(member.role)?;
        let audit = self
            .audit(AuditAction::MemberRoleChanged)
            .on(account)
            .with(&json!({ "before": member.role, "after": role }));
        self.engine.store.set_role(self.principal.organization, account, role, audit).await.shown()?;
        self.engine.directory.changed();
        Ok(member_view(Membership { role, ..member }))
    }

    /// Removes a member and revokes their keys (scope `administer`). The last owner stays.
    pub async fn remove_member(&self, account: AccountId) -> Result<(), Failure> {
        self.principal.require(Scope::Administer)?;
        let member = self.member(account).await?;
        self.may_appoint(member.role)?;
        let audit = self.audit(AuditAction::MemberRemoved).on(account).with(&member_view(member));
        let now = self.engine.clock.now();
        self.engine.store.remove_member(self.principal.organization, account, now, audit).await.shown()?;
        self.engine.directory.changed();
        Ok(())
    }

    /// The keys: one's own, or all with scope `administer`.
    pub async fn keys(&self) -> Result<Vec<KeyView>, Failure> {
        let all = self.principal.scopes.contains(&Scope::Administer);
        if !all {
            self.principal.require(Scope::Read)?;
        }
        let keys = self.engine.store.keys(self.principal.organization).await.shown()?;
        Ok(keys
            .into_iter()
            .filter(|key| all || key.account == self.principal.account)
            .map(key_view)
            .collect())
    }

    /// Makes a key (scope `administer`). It may carry no scope that its account's role, or the asker, does not have.
    pub async fn create_key(&self, wanted: NewKey) -> Result<CreatedKey, Failure> {
        self.principal.require(Scope::Administer)?;
        let account = wanted.account.unwrap_or(self.principal.account);
        let role = self.member(account).await?.role;
        let scopes: BTreeSet<Scope> =
            wanted.scopes.unwrap_or_else(|| vec![Scope::Read, Scope::Run]).into_iter().collect();
        let allowed = role.scopes();
        if let Some(scope) =
            scopes.iter().find(|scope| !allowed.contains(scope) || !self.principal.scopes.contains(scope))
        {
            let message = format!("A key of this account may not have the scope `{}`.", scope.as_str());
            return Err(Failure::new(ErrorCode::Forbidden, message));
        }
        let workspace = match &wanted.workspace {
            Some(workspace) => Some(self.engine.find_workspace(&self.principal, workspace).await?.id),
            None => None,
        };
        let (ids, now) = (self.engine.ids.as_ref(), self.engine.clock.now());
        let secret = executor_vault::random_token(SECRET_PREFIX)
            .map_err(|error| Failure::new(ErrorCode::Internal, error.to_string()))?;
        let key = Key {
            id: KeyId::new(ids, now),
            organization: self.principal.organization,
            workspace,
            account,
            name: wanted.name,
            scopes: scopes.into_iter().collect(),
            secret_hash: Digest::of(secret.as_bytes()),
            prefix: secret.chars().take(SECRET_PREFIX.len() + 4).collect(),
            created_at: now,
            expires_at: wanted.expires_at,
            revoked_at: None,
        };
        let shown = key_view(key.clone());
        let audit = self.audit(AuditAction::KeyCreated).on(key.id).with(&shown);
        self.engine.store.add_key(key, audit).await.shown()?;
        Ok(CreatedKey { key: shown, secret })
    }

    /// Ends a key, at once (one's own, or any with scope `administer`).
    pub async fn revoke_key(&self, key: KeyId) -> Result<(), Failure> {
        let found = self.engine.store.key(self.principal.organization, key).await.shown()?;
        if found.account != self.principal.account {
            self.principal.require(Scope::Administer)?;
        }
        let now = self.engine.clock.now();
        let audit = self.audit(AuditAction::KeyRevoked).on(key).with(&key_view(found));
        self.engine.store.revoke_key(self.principal.organization, key, now, audit).await.shown()?;
        self.engine.directory.changed();
        Ok(())
    }

    async fn member(&self, account: AccountId) -> Result<Membership, Failure> {
        let members = self.engine.store.members(self.principal.organization).await.shown()?;
        members.into_iter().find(|member| member.account.id == account).ok_or_else(|| {
            Failure::new(ErrorCode::NotFound, format!("There is no member {account} in this organization."))
        })
    }

    /// Only owners make owners, or unmake them.
    fn may_appoint(&self, role: Role) -> Result<(), Failure> {
        if role == Role::Owner && !self.principal.roles.contains(&Role::Owner) {
            return Err(Failure::new(ErrorCode::Forbidden, "Only an owner may appoint or remove owners."));
        }
        Ok(())
    }
}

fn member_view(member: Membership) -> MemberView {
    MemberView {
        account: member.account.id,
        name: member.account.name,
        email: member.account.email,
        role: member.role,
        created_at: member.created_at,
    }
}

fn key_view(key: Key) -> KeyView {
    KeyView {
        id: key.id,
        name: key.name,
        account: key.account,
        scopes: key.scopes,
        workspace: key.workspace,
        prefix: key.prefix,
        created_at: key.created_at,
        expires_at: key.expires_at.map(|end: Timestamp| end),
        revoked_at: key.revoked_at,
    }
}
