//! Toolkits: add, look, change, remove; and coming in through one.

use executor_core::toolkit::Toolkit;
use executor_core::{AuditAction, ErrorCode, Failure, Scope};

use super::Workspace;
use crate::failure::StoreResult;
use crate::view::ToolkitChange;

impl Workspace {
    /// The same workspace through a toolkit (scope `read`): whatever is seen or run sees only that.
    pub async fn through_toolkit(mut self, slug: &str) -> Result<Self, Failure> {
        let toolkit = self.toolkit(slug).await?;
        self.principal.toolkit = Some(toolkit.slug);
        Ok(self)
    }

    /// The toolkits, by slug (scope `read`).
    pub async fn toolkits(&self) -> Result<Vec<Toolkit>, Failure> {
        self.principal.require(Scope::Read)?;
        Ok(self.snapshot().await?.toolkits.clone())
    }

    /// A toolkit (scope `read`).
    pub async fn toolkit(&self, slug: &str) -> Result<Toolkit, Failure> {
        self.principal.require(Scope::Read)?;
        self.snapshot().await?.toolkit(slug).cloned().ok_or_else(|| {
            Failure::new(ErrorCode::NotFound, format!("There is no toolkit `{slug}` in this workspace."))
                .with_hint("List the toolkits with `executor toolkits list`.")
        })
    }

    /// Adds a toolkit (scope `manage`). [`ErrorCode::NameTaken`] if there is one of that slug.
    pub async fn add_toolkit(&self, toolkit: Toolkit) -> Result<Toolkit, Failure> {
        self.principal.require(Scope::Manage)?;
        toolkit.check()?;
        let audit = self.audit(AuditAction::ToolkitAdded).on(&toolkit.slug).with(&toolkit);
        let (organization, now) = (self.principal.organization, self.engine.clock.now());
        self.engine.store.add_toolkit(organization, self.id, toolkit.clone(), now, audit).await.shown()?;
        self.engine.directory.changed();
        Ok(toolkit)
    }

    /// Changes what a toolkit is called or has (scope `manage`). Tasks that came through it see it at their next call.
    pub async fn update_toolkit(&self, slug: &str, change: ToolkitChange) -> Result<Toolkit, Failure> {
        self.principal.require(Scope::Manage)?;
        let before = self.toolkit(slug).await?;
        let after = Toolkit {
            slug: before.slug.clone(),
            name: change.name.unwrap_or_else(|| before.name.clone()),
            tools: change.tools.unwrap_or_else(|| before.tools.clone()),
            connections: change.connections.unwrap_or_else(|| before.connections.clone()),
        };
        after.check()?;
        let told = serde_json::json!({ "before": before, "after": after });
        let audit = self.audit(AuditAction::ToolkitChanged).on(slug).with(&told);
        let organization = self.principal.organization;
        self.engine.store.update_toolkit(organization, self.id, after.clone(), audit).await.shown()?;
        self.engine.directory.changed();
        Ok(after)
    }

    /// Removes a toolkit (scope `manage`). Tasks that came through it see no tools any more.
    pub async fn remove_toolkit(&self, slug: &str) -> Result<(), Failure> {
        self.principal.require(Scope::Manage)?;
        let toolkit = self.toolkit(slug).await?;
        let audit = self.audit(AuditAction::ToolkitRemoved).on(slug).with(&toolkit);
        let organization = self.principal.organization;
        self.engine.store.remove_toolkit(organization, self.id, toolkit.slug, audit).await.shown()?;
        self.engine.directory.changed();
        Ok(())
    }
}
