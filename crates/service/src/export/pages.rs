//! The users of an export, read a page at a time.

use super::error::ExportError;
use super::format::ExportFormat;
use super::left_out::LeftOut;
use super::records::ExportHashes;
use super::writer::UserWriter;
use crate::{Call, Error, Roster};
use roster_domain::{Limit, UserFilter, UserQuery};
use roster_storage::Store;
use std::sync::Arc;

/// An export that is read a page at a time, in the order in which the users were created. A user who is created or deleted
/// meanwhile may be missing; every other one that matches is exported once.
pub struct ExportPages {
    store: Arc<dyn Store>,
    /// The next page; `None` after the last one.
    query: Option<UserQuery>,
    writer: Box<dyn UserWriter>,
    progress: ExportProgress,
    users: usize,
    /// Whose access is checked again before each page; `None` for a command.
    caller: Option<Call>,
}

/// What was returned so far.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ExportProgress {
    Nothing,
    Users,
    Everything,
}

/// What an export contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportSummary {
    /// How many users it has.
    pub users: usize,
    /// Which of their values it lacks, because the format has no place for them. Roster's own formats lack none.
    pub left_out: Vec<LeftOut>,
}

impl ExportPages {
    pub(super) fn new(
        roster: &Roster,
        filter: UserFilter,
        format: ExportFormat,
        hashes: ExportHashes,
    ) -> Self {
        let limit = Limit::new(Limit::MAX.into()).unwrap_or_default();
        Self {
            store: Arc::clone(&roster.parts().store),
            query: Some(UserQuery { filter, limit, ..UserQuery::default() }),
            writer: format.writer(hashes),
            progress: ExportProgress::Nothing,
            users: 0,
            caller: None,
        }
    }

    /// The same export, which ends early if the caller loses the access that they have.
    pub(super) fn on_behalf_of(self, caller: Call) -> Self {
        Self { caller: Some(caller), ..self }
    }

    /// The next bytes of the export; `None` at its end.
    ///
    /// # Errors
    /// [`ExportError::Roster`], if the store cannot be read, or with [`Error::InvalidToken`] if the caller was disabled,
    /// demoted or logged out meanwhile. What was returned is then not a complete export.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, ExportError> {
        if self.progress == ExportProgress::Everything {
            return Ok(None);
        }
        if let Some(caller) = &self.caller
            && !caller.keeps_access(&*self.store).await.map_err(Error::from)?
        {
            return Err(Error::InvalidToken.into());
        }
        let mut bytes = match self.progress {
            ExportProgress::Nothing => self.writer.begin()?,
            ExportProgress::Users | ExportProgress::Everything => Vec::new(),
        };
        if let Some(mut query) = self.query.take() {
            let page = self.store.users(&query).await.map_err(Error::from)?;
            bytes.append(&mut self.writer.users(&page.items)?);
            self.users += page.items.len();
            self.query = page.next.map(|next| {
                query.after = Some(next);
                query
            });
        }
        self.progress = ExportProgress::Users;
        if self.query.is_none() {
            bytes.append(&mut self.writer.end()?);
            self.progress = ExportProgress::Everything;
        }
        Ok(Some(bytes))
    }

    /// What the part that was returned so far contains.
    #[must_use]
    pub fn summary(&self) -> ExportSummary {
        ExportSummary { users: self.users, left_out: self.writer.left_out() }
    }
}
