//! Writes failed attempts to the audit log.

use crate::Roster;
use crate::failed_attempts::Pending;
use futures_util::future::join_all;
use roster_domain::{AuditId, AuditRecord};
use roster_storage::{CommitError, UnitOfWork};

impl Roster {
    /// Writes failed attempts to the audit log: one record per window, all in one sync. The time of a record is the time
    /// of writing, so that the log stays in order. Records that cannot be written are kept for the next call.
    pub(crate) async fn write_failed_attempts(&self, pending: Pending) {
        let _writing = self.failed_attempts().writing.lock().await;
        let records = self.failed_attempts().take(pending, self.parts().clock.now());
        let failed: Vec<_> = join_all(records.into_iter().map(|record| self.write(record))).await;
        let failed: Vec<_> = failed.into_iter().flatten().collect();
        if let Some((_, error)) = failed.first() {
            let (error, records) = (error as &dyn std::error::Error, failed.len());
            tracing::warn!(
                error,
                records,
                "could not write failed attempts to the audit log; retrying later"
            );
        }
        for (record, _) in failed {
            self.failed_attempts().note(record);
        }
    }

    async fn write(&self, record: AuditRecord) -> Option<(AuditRecord, CommitError)> {
        if !self.belongs_in_log(&record).await {
            return None;
        }
        let at = self.parts().clock.now();
        let record = AuditRecord { id: AuditId::new(at, self.id_bytes()), at, ..record };
        let written = self.store().commit(UnitOfWork::audited(record.clone())).await;
        written.err().map(|error| (record, error))
    }
}
