//! The replies of this engine.

use roster_storage::CommitError;

use crate::draft::Prepared;

/// The result of a commit.
pub(crate) type Outcome = Result<(), CommitError>;

pub(crate) type PendingCommit = roster_storage::PendingCommit<Prepared>;
pub(crate) type Reply = roster_storage::Reply<Prepared>;
pub(crate) type ReplyBatch = roster_storage::ReplyBatch<Prepared>;
pub(crate) type Settled = roster_storage::Settled<Prepared>;
