//! Exports all users.

mod format;
mod left_out;
mod peers;
mod records;
mod table;
mod writer;

use crate::{Call, Error, Roster};
use async_trait::async_trait;
use roster_domain::{Limit, Permission, UserQuery, policy};
use std::io;
use thiserror::Error as ThisError;

pub use format::ExportFormat;
pub use left_out::LeftOut;
pub use records::ExportHashes;

/// Why an export ended early.
#[derive(Debug, ThisError)]
pub enum ExportError {
    /// The caller may not export, or the store failed.
    #[error(transparent)]
    Roster(#[from] Error),
    /// The sink failed.
    #[error("the export cannot be written")]
    Write(#[from] io::Error),
}

/// What an export contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportSummary {
    /// How many users it has.
    pub users: usize,
    /// Which of their values it lacks, because the format has no place for them. Roster's own formats lack none.
    pub left_out: Vec<LeftOut>,
}

/// Receives an export, a page at a time.
#[async_trait]
pub trait ExportSink: Send {
    /// Writes the next page. The export waits until it is written.
    ///
    /// # Errors
    /// If the page cannot be written. The export ends with this error.
    async fn write(&mut self, bytes: Vec<u8>) -> io::Result<()>;
}

#[async_trait]
impl ExportSink for Vec<u8> {
    async fn write(&mut self, mut bytes: Vec<u8>) -> io::Result<()> {
        self.append(&mut bytes);
        Ok(())
    }
}

impl Roster {
    /// Writes all users in the order of their creation, a page at a time. A user who is created or deleted during the
    /// export may be missing; every other user is exported once.
    ///
    /// The caller needs `users:read`; with hashes, every permission.
    ///
    /// # Errors
    /// [`ExportError`]. The export is then incomplete.
    pub async fn export_users(
        &self,
        call: &Call,
        format: ExportFormat,
        hashes: ExportHashes,
        sink: &mut dyn ExportSink,
    ) -> Result<ExportSummary, ExportError> {
        may_export(call, hashes)?;
        let limit = Limit::new(Limit::MAX.into()).unwrap_or_default();
        let mut query = UserQuery { limit, ..UserQuery::default() };
        let (mut writer, mut users) = (format.writer(hashes), 0);
        let mut page_bytes = writer.begin()?;
        loop {
            let page = self.store().users(&query).await.map_err(Error::from)?;
            page_bytes.append(&mut writer.users(&page.items)?);
            users += page.items.len();
            sink.write(std::mem::take(&mut page_bytes)).await?;
            let Some(next) = page.next else { break };
            query.after = Some(next);
        }
        sink.write(writer.end()?).await?;
        Ok(ExportSummary { users, left_out: writer.left_out() })
    }
}

fn may_export(call: &Call, hashes: ExportHashes) -> Result<(), Error> {
    policy::require(&call.principal, Permission::UsersRead)?;
    if hashes == ExportHashes::Include {
        for permission in Permission::ALL {
            policy::require(&call.principal, permission)?;
        }
    }
    Ok(())
}
