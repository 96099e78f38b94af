//! Tools whose calls carry what is not for everybody.

use executor_core::{AuditAction, ErrorCode, Failure, Scope, ToolPattern};

use super::Workspace;
use crate::failure::{StoreResult, of_store};
use crate::view::SensitiveTools;

/// How many marks a workspace may have. Each is asked at every call.
const MOST_MARKS: usize = 200;

impl Workspace {
    /// Which tools are marked as sensitive, by pattern (scope `read`).
    pub async fn sensitive_tools(&self) -> Result<Vec<SensitiveTools>, Failure> {
        self.principal.require(Scope::Read)?;
        let snapshot = self.snapshot().await?;
        Ok(snapshot.sensitive_marks.iter().cloned().map(|tools| SensitiveTools { tools }).collect())
    }

    /// Marks tools as sensitive (scope `manage`): counts for calls that are made from now on.
    pub async fn add_sensitive_tools(&self, marked: SensitiveTools) -> Result<SensitiveTools, Failure> {
        self.principal.require(Scope::Manage)?;
        if self.snapshot().await?.sensitive_marks.len() >= MOST_MARKS {
            let message = format!("The workspace has {MOST_MARKS} marks of sensitive tools.");
            return Err(Failure::new(ErrorCode::InvalidRequest, message)
                .with_hint("Replace some by one with a wider pattern, as `payroll.*`."));
        }
        let audit = self.audit(AuditAction::SensitiveToolsAdded).on(marked.tools.as_str()).with(&marked);
        let (organization, now) = (self.principal.organization, self.engine.clock.now());
        let store = &self.engine.store;
        store.add_sensitive_tools(organization, self.id, &marked.tools, now, audit).await.shown()?;
        self.engine.directory.changed();
        Ok(marked)
    }

    /// Takes a mark back (scope `administer`). What was encrypted meanwhile stays so.
    pub async fn remove_sensitive_tools(&self, tools: &ToolPattern) -> Result<(), Failure> {
        self.principal.require(Scope::Administer)?;
        let audit = self.audit(AuditAction::SensitiveToolsRemoved).on(tools.as_str());
        let organization = self.principal.organization;
        let removed =
            self.engine.store.remove_sensitive_tools(organization, self.id, tools.as_str().to_owned(), audit);
        removed.await.map_err(|error| match error {
            executor_store::Error::NotFound(_) => {
                let message = format!("There is no mark `{tools}` of sensitive tools in this workspace.");
                Failure::new(ErrorCode::NotFound, message)
                    .with_hint("List the marks with `executor sensitive list`.")
            }
            other => of_store(&other),
        })?;
        self.engine.directory.changed();
        Ok(())
    }
}
