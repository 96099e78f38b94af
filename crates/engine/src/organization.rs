//! The organization, entered in somebody's name: members and keys.

use executor_core::{AccountId, ErrorCode, Failure, KeyId, Principal, Role};

use crate::view::*;

/// The principal's organization. Each method says which scope it wants.
#[derive(Clone)]
pub struct Organization {
    principal: Principal,
}

fn not_yet<T>() -> Result<T, Failure> {
    Err(Failure::new(ErrorCode::Internal, "Not written yet."))
}

impl Organization {
    /// In whose name.
    pub fn principal(&self) -> &Principal { &self.principal }
    /// The members, by name (scope `read`).
    pub async fn members(&self) -> Result<Vec<MemberView>, Failure> { not_yet() }
    /// Adds a member with a new account (scope `administer`).
    pub async fn add_member(&self, _member: NewMember) -> Result<MemberView, Failure> { not_yet() }
    /// Changes a member's role (scope `administer`; only owners make owners).
    pub async fn set_role(&self, _account: AccountId, _role: Role) -> Result<MemberView, Failure> { not_yet() }
    /// Removes a member and revokes their keys (scope `administer`). The last owner stays.
    pub async fn remove_member(&self, _account: AccountId) -> Result<(), Failure> { not_yet() }
    /// The keys: one's own, or all with scope `administer`.
    pub async fn keys(&self) -> Result<Vec<KeyView>, Failure> { not_yet() }
    /// Makes a key (scope `administer`). It may carry no scope that its account's role does not have.
    pub async fn create_key(&self, _key: NewKey) -> Result<CreatedKey, Failure> { not_yet() }
    /// Ends a key, at once (one's own, or any with scope `administer`).
    pub async fn revoke_key(&self, _key: KeyId) -> Result<(), Failure> { not_yet() }
}
