//! Writes lines in batches on a separate thread.
//!
//! A line costs a request one lock and one copy. Sending single lines through a channel costs an allocation and often a
//! thread wake-up, several times as much (see ARCHITECTURE.md for measurements).

use std::io::{self, Write};
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use tracing_subscriber::fmt::MakeWriter;

/// The maximum number of waiting bytes.
const LIMIT: usize = 4 << 20;

/// How long the thread collects lines, so that it wakes at most fifty times a second on a busy server.
const GATHER: Duration = Duration::from_millis(20);

/// The number of bytes that are written immediately. A buffer that grew beyond it in a burst is freed.
const ENOUGH: usize = 256 << 10;

/// How long the process waits at its end for the reader of the log. A stuck reader must not keep it from ending.
const FINAL_WRITE_TIMEOUT: Duration = Duration::from_secs(2);

/// The buffer to which events write their lines.
#[derive(Clone)]
pub(super) struct Lines(Arc<Shared>);

struct Shared {
    queue: Mutex<Queue>,
    /// Notified on the first line, when enough lines wait, and when the guard is dropped.
    wake: Condvar,
    /// Notified when the thread has written everything and ends.
    ended: Condvar,
    dropped: AtomicU64,
}

struct Queue {
    bytes: Vec<u8>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Closed,
    /// The thread has ended, so no lines are left.
    Ended,
}

/// Keeps the log running. Dropping it writes the remaining lines and ends the thread; later lines are lost. If the reader
/// is stuck, the remaining lines are dropped after two seconds.
#[must_use = "the log ends when this is dropped"]
pub struct LogGuard {
    shared: Arc<Shared>,
}

impl LogGuard {
    /// The counter of lost lines, for the metrics.
    #[must_use]
    pub fn dropped_lines(&self) -> DroppedLines {
        DroppedLines(Arc::clone(&self.shared))
    }
}

impl Drop for LogGuard {
    fn drop(&mut self) {
        let mut queue = self.shared.queue.lock();
        if queue.state == State::Open {
            queue.state = State::Closed;
        }
        self.shared.wake.notify_one();
        let runs = |queue: &mut Queue| queue.state != State::Ended;
        self.shared.ended.wait_while_for(&mut queue, runs, FINAL_WRITE_TIMEOUT);
    }
}

/// Counts lines that were lost because the reader was too slow or gone.
#[derive(Clone)]
pub struct DroppedLines(Arc<Shared>);

impl DroppedLines {
    /// Lines lost since the start.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.dropped.load(Ordering::Relaxed)
    }
}

/// Starts the thread that writes to `out`.
pub(super) fn start(out: impl Write + Send + 'static) -> io::Result<(Lines, LogGuard)> {
    let queue = Mutex::new(Queue { bytes: Vec::new(), state: State::Open });
    let shared =
        Arc::new(Shared { queue, wake: Condvar::new(), ended: Condvar::new(), dropped: AtomicU64::new(0) });
    let writer = Arc::clone(&shared);
    thread::Builder::new().name("log".to_owned()).spawn(move || write_batches(&writer, out))?;
    Ok((Lines(Arc::clone(&shared)), LogGuard { shared }))
}

fn write_batches(shared: &Shared, mut out: impl Write) {
    let mut batch = Vec::new();
    while next_batch(shared, &mut batch) {
        if out.write_all(&batch).and_then(|()| out.flush()).is_err() {
            let lost = batch.split_inclusive(|byte| *byte == b'\n').count();
            shared.dropped.fetch_add(lost as u64, Ordering::Relaxed);
        }
        batch.clear();
        batch.shrink_to(ENOUGH);
    }
    shared.queue.lock().state = State::Ended;
    shared.ended.notify_all();
}

/// Waits for lines and swaps them into the empty `batch`. Returns false at the end.
fn next_batch(shared: &Shared, batch: &mut Vec<u8>) -> bool {
    let mut queue = shared.queue.lock();
    while queue.bytes.is_empty() {
        if queue.state != State::Open {
            return false;
        }
        shared.wake.wait(&mut queue);
    }
    if queue.state == State::Open {
        shared.wake.wait_for(&mut queue, GATHER);
    }
    mem::swap(&mut queue.bytes, batch);
    true
}

impl Shared {
    fn push(&self, line: &[u8]) {
        let mut queue = self.queue.lock();
        if queue.bytes.len() + line.len() > LIMIT {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let before = queue.bytes.len();
        queue.bytes.extend_from_slice(line);
        let after = queue.bytes.len();
        drop(queue);
        if before == 0 || (before < ENOUGH && after >= ENOUGH) {
            self.wake.notify_one();
        }
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = LineWriter<'a>;

    fn make_writer(&'a self) -> LineWriter<'a> {
        LineWriter(&self.0)
    }
}

/// Accepts one whole line per call, as the formatting layer writes them.
pub(super) struct LineWriter<'a>(&'a Shared);

impl Write for LineWriter<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::time::Instant;

    /// A stream that reports its writes and blocks until the test lets it continue.
    struct Slow(mpsc::SyncSender<Vec<u8>>);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(bytes.to_vec()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn dropping_the_guard_writes_the_remaining_lines() {
        let (sender, receiver) = mpsc::sync_channel(8);
        let (lines, guard) = start(Slow(sender)).unwrap();
        lines.make_writer().write_all(b"one\n").unwrap();
        lines.make_writer().write_all(b"two\n").unwrap();
        drop(guard);
        assert_eq!(receiver.iter().flatten().collect::<Vec<u8>>(), b"one\ntwo\n");
    }

    #[test]
    fn a_stuck_reader_loses_lines_but_blocks_no_request() {
        let (sender, receiver) = mpsc::sync_channel(0);
        let (lines, guard) = start(Slow(sender)).unwrap();
        let line = [&[b'x'; 1023][..], b"\n"].concat();
        let pushed = 3 * LIMIT / line.len();
        for _ in 0..pushed {
            lines.make_writer().write_all(&line).unwrap();
        }
        let dropped = usize::try_from(guard.dropped_lines().count()).unwrap();
        assert!(dropped >= pushed - 2 * LIMIT / line.len(), "{dropped}");
        let reader = thread::spawn(move || receiver.iter().map(|bytes| bytes.len()).sum::<usize>());
        drop(guard);
        assert_eq!(reader.join().unwrap() / line.len() + dropped, pushed);
    }

    #[test]
    fn a_stuck_reader_delays_the_end_by_at_most_two_seconds() {
        let (sender, receiver) = mpsc::sync_channel(0);
        let (lines, guard) = start(Slow(sender)).unwrap();
        lines.make_writer().write_all(b"nobody reads this\n").unwrap();
        let begin = Instant::now();
        drop(guard);
        assert!(begin.elapsed() < 2 * FINAL_WRITE_TIMEOUT, "{:?}", begin.elapsed());
        drop(receiver);
    }

    #[test]
    fn lines_that_cannot_be_written_are_counted() {
        let (sender, receiver) = mpsc::sync_channel(1);
        drop(receiver);
        let (lines, guard) = start(Slow(sender)).unwrap();
        lines.make_writer().write_all(b"lost\n").unwrap();
        let dropped = guard.dropped_lines();
        drop(guard);
        assert_eq!(dropped.count(), 1);
    }
}
