//! Who may export.

use super::records::ExportHashes;
use crate::{Call, Error};
use roster_domain::{Permission, policy};

/// Whether the caller may export at all, and the hashes too if they are wanted.
///
/// # Errors
/// [`Error::Denied`].
pub(super) fn may_export(call: &Call, hashes: ExportHashes) -> Result<(), Error> {
    policy::require(&call.principal, Permission::UsersExport)?;
    if hashes == ExportHashes::Include {
        policy::require(&call.principal, Permission::UsersExportHashes)?;
    }
    Ok(())
}
