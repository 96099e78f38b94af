//! What the workspace may use.

use executor_core::limits::WorkspaceLimits;
use executor_core::{AuditAction, Failure, Scope};
use serde_json::json;

use super::Workspace;
use crate::failure::StoreResult;

impl Workspace {
    /// What the workspace may use, where that is less than the deployment gives (scope `read`).
    pub async fn limits(&self) -> Result<WorkspaceLimits, Failure> {
        self.principal.require(Scope::Read)?;
        Ok(self.snapshot().await?.limits)
    }

    /// Sets what the workspace may use (scope `administer`): counts for tasks that are submitted from now on.
    pub async fn set_limits(&self, limits: WorkspaceLimits) -> Result<WorkspaceLimits, Failure> {
        self.principal.require(Scope::Administer)?;
        limits.check()?;
        let told = json!({ "before": self.snapshot().await?.limits, "after": limits });
        let audit = self.audit(AuditAction::LimitsChanged).on(self.id).with(&told);
        let (organization, now) = (self.principal.organization, self.engine.clock.now());
        self.engine.store.set_limits(organization, self.id, limits, now, audit).await.shown()?;
        self.engine.directory.changed();
        Ok(limits)
    }
}
