//! The audit log for those who may see it: list, verify, export, and how long it is kept.

use executor_core::audit::RecordSettings;
use executor_core::audit::chain::AuditRow;
use executor_core::audit::verify::AuditVerification;
use executor_core::{AuditAction, AuditEntry, ErrorCode, Failure, Json, Scope};
use executor_store::AuditFilter;
use futures::StreamExt;
use futures::stream::BoxStream;
use serde_json::json;

use super::retention::SETTING;
use super::view::{AuditEntryView, AuditLine, AuditQuery};
use crate::failure::StoreResult;
use crate::organization::Organization;
use crate::view::{Page, PageRequest};

/// The log as it is exported: entry by entry in the order of the chain, then its head.
pub type AuditExport = BoxStream<'static, Result<AuditLine, Failure>>;

impl Organization {
    /// Entries of the log, newest first (scope `manage`). Who is bound to a workspace sees those of that one.
    pub async fn audit_entries(
        &self,
        query: &AuditQuery,
        page: &PageRequest,
    ) -> Result<Page<AuditEntryView>, Failure> {
        self.principal.require(Scope::Manage)?;
        let wanted = match &query.workspace {
            Some(workspace) => Some(self.engine.find_workspace(&self.principal, workspace).await?.id),
            None => self.principal.workspace,
        };
        let filter = AuditFilter {
            action: query.action.as_deref().map(action).transpose()?,
            account: query.actor.as_deref().map(actor).transpose()?,
            workspace: wanted,
            since: query.since,
            before: match &page.cursor {
                Some(cursor) => Some(cursor.parse().map_err(|_| crate::workspace::bad_cursor())?),
                None => None,
            },
        };
        let size = page.size();
        let organization = self.principal.organization;
        let mut rows = self.engine.store.audit(organization, filter, size + 1).await.shown()?;
        let more = rows.len() > size as usize;
        rows.truncate(size as usize);
        let next_cursor = rows.last().filter(|_| more).map(|row| row.id.clone());
        Ok(Page { items: rows.into_iter().map(entry_view).collect(), next_cursor })
    }

    /// Checks the whole log (scope `administer`).
    pub async fn verify_audit(&self) -> Result<AuditVerification, Failure> {
        self.require_whole()?;
        let (store, tags) = (&self.engine.store, self.engine.head_tags.as_ref());
        store.verify_audit(self.principal.organization, tags).await.shown()
    }

    /// Exports the sealed entries after the one of that number (scope `administer`). That it was done is in the log.
    pub async fn export_audit(&self, after: u64) -> Result<AuditExport, Failure> {
        self.require_whole()?;
        let (engine, organization) = (self.engine.clone(), self.principal.organization);
        let told = self.audit(AuditAction::AuditExported).with(&json!({ "after": after }));
        engine.store.tell_audit(told).await.shown()?;
        engine.settle_audit(organization).await.shown()?;
        // What is told of the chain is on the disk before.
        engine.store.sync().await.shown()?;
        let Some((head, tag)) = engine.store.audit_head(organization).await.shown()? else {
            return Ok(futures::stream::empty().boxed());
        };
        let last = head.number;
        let entries = futures::stream::unfold(Some(after), move |after| {
            let engine = engine.clone();
            async move {
                let after = after.filter(|after| *after < last)?;
                match engine.store.sealed_audit(organization, after).await.shown() {
                    Ok(rows) => {
                        let next = rows.last().and_then(|row| row.number);
                        let within = |row: &AuditRow| row.number.is_some_and(|number| number <= last);
                        let lines = rows.into_iter().filter(within).map(entry_view);
                        let lines: Vec<_> = lines.map(|entry| Ok(AuditLine::Entry(entry))).collect();
                        Some((futures::stream::iter(lines), next))
                    }
                    Err(failure) => Some((futures::stream::iter(vec![Err(failure)]), None)),
                }
            }
        });
        let head = AuditLine::head(organization, head, tag);
        Ok(entries.flatten().chain(futures::stream::iter([Ok(head)])).boxed())
    }

    /// How long the record is kept (scope `manage`).
    pub async fn record_settings(&self) -> Result<RecordSettings, Failure> {
        self.principal.require(Scope::Manage)?;
        self.engine.record_settings(self.principal.organization).await.shown()
    }

    /// Says how long the record is kept (scope `administer`).
    pub async fn set_record_settings(&self, settings: RecordSettings) -> Result<RecordSettings, Failure> {
        self.require_whole()?;
        for (name, days) in [("auditDays", settings.audit_days), ("journalDays", settings.journal_days)] {
            if days == Some(0) {
                let message = format!("`{name}` is 0; it has to be at least 1.");
                return Err(Failure::new(ErrorCode::InvalidRequest, message)
                    .with_hint("Leave it out, or say null, to keep everything."));
            }
        }
        if settings.hold.as_ref().is_some_and(|hold| hold.reason.trim().is_empty()) {
            return Err(Failure::new(ErrorCode::InvalidRequest, "A hold needs a reason."));
        }
        let before = self.record_settings().await?;
        let details = json!({ "name": SETTING, "before": before, "after": settings });
        let audit: AuditEntry = self.audit(AuditAction::SettingsChanged).with(&details);
        let value = Json::from_serialize(&settings)
            .map_err(|error| Failure::new(ErrorCode::Internal, error.to_string()))?;
        let (organization, now) = (self.principal.organization, self.engine.clock.now());
        self.engine.store.set_setting(organization, SETTING, value, now, audit).await.shown()?;
        Ok(settings)
    }

    /// The whole log is for those who administer the whole organization.
    fn require_whole(&self) -> Result<(), Failure> {
        self.principal.require(Scope::Administer)?;
        if self.principal.workspace.is_none() {
            return Ok(());
        }
        Err(Failure::new(ErrorCode::Forbidden, "This key is bound to one workspace.")
            .with_hint("Use a key of the whole organization."))
    }
}

fn action(name: &str) -> Result<String, Failure> {
    if AuditAction::from_name(name).is_some() {
        return Ok(name.to_owned());
    }
    let known: Vec<_> = AuditAction::ALL.iter().map(|action| action.as_str()).collect();
    Err(Failure::new(ErrorCode::InvalidRequest, format!("There is no action `{name}`."))
        .with_hint(format!("Actions are {}.", known.join(", "))))
}

/// The account that is asked for; nothing is Executor itself.
fn actor(text: &str) -> Result<String, Failure> {
    match text.parse::<executor_core::AccountId>() {
        Ok(account) => Ok(account.to_string()),
        Err(_) if text == "system" => Ok(String::new()),
        Err(error) => Err(Failure::new(ErrorCode::InvalidRequest, format!("`actor`: {error}."))
            .with_hint("Give an account's id, or `system`.")),
    }
}

fn entry_view(row: AuditRow) -> AuditEntryView {
    let payload = |text: String| {
        // What was tampered with may be no JSON any more.
        Json::parse(text.clone()).unwrap_or_else(|_| Json::from(&serde_json::Value::String(text)))
    };
    AuditEntryView {
        id: row.id,
        number: row.number,
        at: row.at,
        organization: row.organization,
        workspace: row.workspace,
        account: row.account,
        key: row.key,
        client: row.client,
        action: row.action,
        target: row.target,
        payload: row.payload.map(payload),
        payload_digest: row.payload_digest,
        link: row.link,
    }
}
