//! The audit log.

use crate::failed_attempts::Pending;
use crate::{Call, Error, Roster};
use roster_domain::{AuditPage, AuditQuery, Permission, policy};

impl Roster {
    /// One page of the audit records that match, newest first, with `audit:read`.
    ///
    /// That somebody read the log is in the access log, not in the log itself: a monitor that polls it would
    /// fill it with nothing but its own reading.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::Store`].
    pub async fn audit_records(&self, call: &Call, query: &AuditQuery) -> Result<AuditPage, Error> {
        policy::hold(&call.principal, Permission::AuditRead)?;
        // Whoever has seen a failure finds it.
        self.write_failed_attempts(Pending::Due).await;
        Ok(self.store().audit_records(query).await?)
    }
}
