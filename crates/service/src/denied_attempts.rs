//! Records denials of authenticated callers.

use crate::{Call, Error, Roster};
use roster_domain::{Action, AuditRecord, Outcome, Target, UserId};

impl Roster {
    /// Counts a denial for the audit log, if `result` is one and the caller is authenticated. The request does not wait
    /// for the record, and whether the user exists is looked up when it is written. So the response time does not reveal
    /// whether the user exists.
    pub(crate) fn note_denial<T>(
        &self,
        call: &Call,
        action: Action,
        target: UserId,
        result: Result<T, Error>,
    ) -> Result<T, Error> {
        if matches!(result, Err(Error::Denied(_))) && !call.principal.is_anonymous() {
            self.note_failure(call, action, Some(target), Outcome::Denied);
        }
        result
    }

    /// Whether a record belongs in the audit log. A denial belongs there only if its target exists or it has none, as in
    /// a flood. If the store fails, so does the write that follows, and the record is kept for later.
    pub(crate) async fn belongs_in_log(&self, record: &AuditRecord) -> bool {
        match (record.outcome.known(), record.target) {
            (Some(Outcome::Denied), Some(Target::User(id))) => {
                self.store().user(id).await.map_or(true, |user| user.is_some())
            }
            _ => true,
        }
    }
}
