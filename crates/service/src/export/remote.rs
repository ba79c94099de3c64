//! Exports over HTTP.

use super::authority::may_export;
use super::error::ExportError;
use super::format::ExportFormat;
use super::pages::ExportPages;
use super::records::ExportHashes;
use crate::{Call, Error, Roster};
use roster_domain::{Action, Outcome, Target, UserFilter};
use roster_storage::UnitOfWork;

/// An export that has begun.
pub struct RemoteExport {
    /// Its first bytes.
    pub first: Vec<u8>,
    /// The rest.
    pub rest: ExportPages,
}

impl Roster {
    /// Begins an export of the users that match, and records it in the audit log.
    ///
    /// The caller needs `users:export`. With hashes, the caller also needs `users:export-hashes`, and must be a user with a
    /// recent login: an API key lives long and is stored by programs, and whoever finds it must not get the hashes.
    ///
    /// # Errors
    /// [`ExportError::Roster`] with [`Error::Denied`], [`Error::HashesForUsersOnly`], [`Error::LoginTooOld`] or an error of
    /// the store.
    pub async fn begin_export(
        &self,
        call: &Call,
        filter: UserFilter,
        format: ExportFormat,
        hashes: ExportHashes,
    ) -> Result<RemoteExport, ExportError> {
        self.check_export(call, hashes)?;
        let mut rest = ExportPages::new(self, filter, format, hashes).on_behalf_of(call.clone());
        // Before the record, so that a store that cannot be read is an error response and not an export.
        let first = rest.next().await?.unwrap_or_default();
        let record = self.record_outcome(call, action_of(hashes), None::<Target>, Outcome::Success);
        let work = UnitOfWork::audited(record).require_all(call.authority());
        self.store().commit(work).await.map_err(Error::from)?;
        Ok(RemoteExport { first, rest })
    }

    /// Checks that the caller may begin such an export, and counts a denial for the audit log.
    ///
    /// # Errors
    /// [`Error::Denied`], [`Error::HashesForUsersOnly`] or [`Error::LoginTooOld`].
    pub fn check_export(&self, call: &Call, hashes: ExportHashes) -> Result<(), Error> {
        self.may_export_remotely(call, hashes).inspect_err(|error| {
            if matches!(error, Error::Denied(_) | Error::HashesForUsersOnly) {
                self.note_failure(call, action_of(hashes), None::<Target>, Outcome::Denied);
            }
        })
    }

    fn may_export_remotely(&self, call: &Call, hashes: ExportHashes) -> Result<(), Error> {
        may_export(call, hashes)?;
        match hashes {
            ExportHashes::Omit => Ok(()),
            ExportHashes::Include if call.session.is_none() => Err(Error::HashesForUsersOnly),
            ExportHashes::Include => self.require_recent_login(call),
        }
    }
}

const fn action_of(hashes: ExportHashes) -> Action {
    match hashes {
        ExportHashes::Omit => Action::UsersExported,
        ExportHashes::Include => Action::UserHashesExported,
    }
}
