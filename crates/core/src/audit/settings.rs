//! How long an organization keeps its record.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Timestamp;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// How long an organization keeps its record. What is not said is kept for ever.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordSettings {
    /// After so many days the details of an audit entry are removed; the entry itself and its link stay.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub audit_days: Option<u32>,
    /// So many days after its end the journal of a task is removed.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub journal_days: Option<u32>,
    /// While this is set, nothing is removed.
    #[serde(default)]
    pub hold: Option<Hold>,
}

/// A legal hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Hold {
    /// Why.
    pub reason: String,
}

impl RecordSettings {
    /// Up to when details of entries are to be removed at `now`, if any are.
    pub fn payloads_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.until(self.audit_days, now)
    }

    /// The journals of tasks that ended before this are to be removed at `now`, if any are.
    pub fn journals_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.until(self.journal_days, now)
    }

    fn until(&self, days: Option<u32>, now: Timestamp) -> Option<Timestamp> {
        let days = days.filter(|_| self.hold.is_none())?;
        Some(now.plus_millis(-DAY_MS * i64::from(days)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_removed_unless_a_time_is_set_and_no_hold_is() {
        let now = Timestamp::from_millis(10 * DAY_MS);
        let mut settings = RecordSettings::default();
        assert_eq!((settings.payloads_until(now), settings.journals_until(now)), (None, None));
        settings.audit_days = Some(3);
        settings.journal_days = Some(4);
        assert_eq!(settings.payloads_until(now), Some(Timestamp::from_millis(7 * DAY_MS)));
        assert_eq!(settings.journals_until(now), Some(Timestamp::from_millis(6 * DAY_MS)));
        settings.hold = Some(Hold { reason: "a dispute".to_owned() });
        assert_eq!((settings.payloads_until(now), settings.journals_until(now)), (None, None));
    }
}
