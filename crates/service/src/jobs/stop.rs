//! Why a run of a job stops.

use crate::Roster;
use roster_domain::{Permission, Principal, User, UserId};
use roster_storage::StoreError;
use std::sync::Arc;

/// Why a run ends before its job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RunStop {
    /// The starter wants it.
    Cancelled,
    /// The starter may no longer import, or not what they could when it began.
    AuthorityChanged,
    /// Another server has taken the job over, or it is gone.
    Lost,
}

/// The starter of a job, if they may still import.
pub(super) async fn authority_of(roster: &Roster, starter: UserId) -> Result<Option<Arc<User>>, StoreError> {
    let user = roster.store().user(starter).await?;
    Ok(user.filter(|user| user.is_active() && Principal::user(user).holds(Permission::UsersImport)))
}
