//! The time of a line.

use std::fmt;

use jiff::Timestamp;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

pub(super) type Clock = fn() -> Timestamp;

#[expect(clippy::disallowed_methods, reason = "the time of a log line affects nothing else")]
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}

pub(super) struct Stamp(pub(super) Clock);

impl FormatTime for Stamp {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        write!(writer, "{:.6}", (self.0)())
    }
}
