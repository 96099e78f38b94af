//! The audit log: what it is told, how it is sealed, kept and shown.

mod log;
pub(crate) mod retention;
pub(crate) mod sealer;
mod view;
mod witness;

use executor_core::{AuditAction, AuditEntry, Principal};

use crate::Inner;
use crate::organization::Organization;
use crate::workspace::Workspace;

pub use log::AuditExport;
pub use view::{AuditEntryView, AuditHeadView, AuditLine, AuditQuery};
pub(crate) use witness::{Witness, submitted};

impl Inner {
    /// An entry in somebody's name, of now.
    pub(crate) fn audit(&self, principal: &Principal, action: AuditAction) -> AuditEntry {
        let now = self.clock.now();
        AuditEntry::new(self.ids.as_ref(), now, principal.organization, principal.into(), action)
    }
}

impl Workspace {
    /// An entry in the principal's name, of something that is done in this workspace.
    pub(crate) fn audit(&self, action: AuditAction) -> AuditEntry {
        self.engine.audit(&self.principal, action).within(self.id)
    }
}

impl Organization {
    /// An entry in the principal's name.
    pub(crate) fn audit(&self, action: AuditAction) -> AuditEntry {
        self.engine.audit(&self.principal, action)
    }
}
