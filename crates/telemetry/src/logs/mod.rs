//! Logs: one event per line, from `tracing` and from the `log` crate.

mod batch;
mod clock;
mod error;
mod escape;
mod filter;
mod json;
mod panics;
#[cfg(test)]
mod tests;

use std::io::{IsTerminal, Write};

use tracing::Subscriber;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use batch::Lines;
pub use batch::{DroppedLines, LogGuard};
use clock::{Clock, Stamp, now};
pub use error::LogsError;
pub use filter::{Filter, LiveFilter};
use json::{JsonFields, JsonLines};
pub use panics::log_panics;

/// The format of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A JSON object: `timestamp`, `level`, `target`, the event's fields, and `spans` if it has any.
    Json,
    /// Text for humans, with colours if the stream is a terminal.
    Pretty,
}

/// Sends every event of the process that passes `filter` to `out`. The [`LiveFilter`] can replace the filter later.
///
/// A thread writes the lines in batches, at most 20 ms later. It buffers up to 4 MiB; with a slower reader, lines are
/// dropped and counted, but requests are never slowed down. Dropping the [`LogGuard`] writes the remaining lines, as far
/// as the reader accepts them within two seconds: keep it until the end of `main`.
///
/// # Errors
///
/// [`LogsError::Twice`] if the process has set up logging before, [`LogsError::Thread`] if no thread can be
/// started.
pub fn init(
    format: Format,
    filter: Filter,
    out: impl Write + IsTerminal + Send + 'static,
) -> Result<(LogGuard, LiveFilter), LogsError> {
    let colours = if out.is_terminal() { Colours::Yes } else { Colours::No };
    let (lines, guard) = batch::start(out).map_err(LogsError::Thread)?;
    let filter = LiveFilter::new(filter);
    subscriber(format, colours, filter.clone(), lines, now).try_init()?;
    Ok((guard, filter))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Colours {
    Yes,
    No,
}

fn subscriber(
    format: Format,
    colours: Colours,
    filter: LiveFilter,
    lines: Lines,
    clock: Clock,
) -> impl Subscriber + Send + Sync {
    let layer = tracing_subscriber::fmt::layer().with_writer(lines);
    let layer = match format {
        Format::Json => layer.fmt_fields(JsonFields).event_format(JsonLines::new(clock)).boxed(),
        Format::Pretty => layer.with_timer(Stamp(clock)).with_ansi(colours == Colours::Yes).boxed(),
    };
    tracing_subscriber::registry().with(layer).with(filter)
}
