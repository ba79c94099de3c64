//! The port: where the reader sends what it reads.

use crate::record::ParsedRecord;
use crate::report::location::RecordLocation;
use crate::report::refusal::Refusal;
use crate::report::unread_list::UnreadList;
use crate::survey::Survey;
use std::sync::Arc;
use thiserror::Error;

/// Receives the messages of an [`ImportReader`](crate::ImportReader). The caller implements it, usually over a channel
/// to the thread that decides about the records.
pub trait RecordSink: Clone + Send + 'static {
    /// Sends a message, and blocks while the receiver has no room for it.
    ///
    /// # Errors
    /// [`SinkClosed`] if the receiver was dropped.
    fn send(&self, message: Message) -> Result<(), SinkClosed>;

    /// Whether the receiver was dropped, so that reading on is pointless.
    fn is_closed(&self) -> bool;
}

/// The receiver was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the receiver of the records was dropped")]
pub struct SinkClosed;

/// What the reader sends: one survey, then the records in groups of at most [`GROUP_LEN`].
pub enum Message {
    /// The result of the first pass, and the lists in the document that are not read.
    Surveyed(Arc<Survey>, Vec<UnreadList>),
    /// The next records, in the order of the file.
    Records(Vec<ReadRecord>),
}

/// The number of records in a message. The last message may have fewer.
pub const GROUP_LEN: usize = 64;

/// A record that was read, and either parsed or refused.
pub struct ReadRecord {
    /// Where it is in the file.
    pub location: RecordLocation,
    /// The person in it, or why there is none.
    pub outcome: Result<Box<ParsedRecord>, Refusal>,
}
