//! Known callers who try what they may not do to somebody.

use crate::{Call, Error, Roster};
use roster_domain::{Action, AuditRecord, Outcome, Target, UserId};

impl Roster {
    /// Counts a denial for the audit log, if `result` is one and the caller is known. Nobody waits for the record, and
    /// whether there is such a user is looked up when it is written, so that the answer does not tell.
    pub(crate) fn noting_denial<T>(
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

    /// Whether a record belongs in the log: of a denial only if it was about somebody who exists, or, in a flood, about
    /// nobody in particular. A store that cannot tell cannot write it either, and the record is kept for later.
    pub(crate) async fn belongs_in_log(&self, record: &AuditRecord) -> bool {
        match (record.outcome, record.target) {
            (Outcome::Denied, Some(Target::User(id))) => {
                self.store().user(id).await.map_or(true, |user| user.is_some())
            }
            _ => true,
        }
    }
}
