//! Forgets what an organization does not want to keep, a little at a time, unless a legal hold stops it.

use std::sync::Arc;
use std::time::Duration;

use executor_core::audit::RecordSettings;
use executor_core::{Actor, AuditAction, AuditEntry, OrganizationId, WorkspaceId};
use executor_store::Error;
use serde_json::json;

use crate::Inner;

/// How often old things are looked for.
const INTERVAL: Duration = Duration::from_secs(3_600);

/// How long webhooks' messages are kept, in milliseconds: long after the last attempt.
const DELIVERIES_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// The setting's name in the database.
pub(crate) const SETTING: &str = "record";

/// Forgets until the engine closes.
pub(crate) async fn serve(engine: Arc<Inner>) {
    loop {
        tokio::select! {
            () = engine.scheduler.closing() => return,
            () = tokio::time::sleep(INTERVAL) => {}
        }
        if let Err(error) = engine.apply_retention().await {
            tracing::error!(%error, "what is old cannot be removed");
        }
    }
}

impl Inner {
    pub(crate) async fn record_settings(
        &self,
        organization: OrganizationId,
    ) -> Result<RecordSettings, Error> {
        match self.store.setting(organization, SETTING).await? {
            // One that cannot be read must not lead to anything being removed.
            Some(stored) => {
                stored.read().map_err(|error| Error::Corrupt { table: "settings", reason: error.to_string() })
            }
            None => Ok(RecordSettings::default()),
        }
    }

    pub(crate) async fn apply_retention(&self) -> Result<(), Error> {
        for organization in self.store.organizations().await? {
            self.forget_deliveries(organization).await?;
            self.forget_payloads(organization).await?;
            for workspace in self.store.workspaces(organization).await? {
                self.forget_journals(organization, workspace.id).await?;
            }
        }
        Ok(())
    }

    /// They are no part of the record, so no hold keeps them.
    async fn forget_deliveries(&self, organization: OrganizationId) -> Result<(), Error> {
        let until = self.clock.now().plus_millis(-DELIVERIES_MS);
        while self.store.remove_deliveries(organization, until).await? > 0 {}
        Ok(())
    }

    async fn forget_payloads(&self, organization: OrganizationId) -> Result<(), Error> {
        let settings = self.record_settings(organization).await?;
        let Some(until) = settings.payloads_until(self.clock.now()) else { return Ok(()) };
        let entries = self.store.audit_payloads(organization, until).await?;
        if entries == 0 {
            return Ok(());
        }
        // The chain has to say that they are gone before they are.
        let details = json!({ "until": until, "entries": entries, "days": settings.audit_days });
        let audit = self.system_entry(organization, AuditAction::PayloadsRemoved).with(&details);
        self.store.tell_audit(audit).await?;
        if !self.settle_audit(organization).await? {
            return Ok(());
        }
        // A hold that is set meanwhile counts at once.
        while self.record_settings(organization).await?.hold.is_none()
            && self.store.remove_audit_payloads(organization, until).await? > 0
        {}
        Ok(())
    }

    async fn forget_journals(
        &self,
        organization: OrganizationId,
        workspace: WorkspaceId,
    ) -> Result<(), Error> {
        let mut after = None;
        loop {
            let settings = self.record_settings(organization).await?;
            let Some(until) = settings.journals_until(self.clock.now()) else { return Ok(()) };
            let tasks = self.store.tasks_with_old_journals(workspace, until, after).await?;
            let Some(last) = tasks.last().copied() else { return Ok(()) };
            after = Some(last);
            let details = json!({ "until": until, "days": settings.journal_days, "tasks": tasks });
            let audit = self.system_entry(organization, AuditAction::JournalsRemoved);
            self.store.remove_journals(workspace, tasks, audit.within(workspace).with(&details)).await?;
        }
    }

    fn system_entry(&self, organization: OrganizationId, action: AuditAction) -> AuditEntry {
        AuditEntry::new(self.ids.as_ref(), self.clock.now(), organization, Actor::System, action)
    }
}
