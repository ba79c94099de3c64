//! The connection between a running command and its client, which may be in another process.

use std::fs::File;
use std::future::pending;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use anyhow::{anyhow, bail};
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::message::{Answer, CHUNK, Event, Progress, Reply};
use crate::spool::Spool;

/// How many events are buffered for a slow client before the command has to wait.
const BUFFERED_EVENTS: usize = 8;

/// How often progress is sent to the client.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// The command's end of the connection to its client, in this process or at the other end of the socket.
pub(crate) struct Console {
    events: mpsc::Sender<Event>,
    replies: mpsc::Receiver<Reply>,
    progress: watch::Sender<Progress>,
    /// The input, if it is a file that this process has open.
    input: Option<File>,
}

/// The other end of a [`Console`]: the events of the command.
pub(crate) struct Events {
    receiver: mpsc::Receiver<Event>,
    progress: watch::Receiver<Progress>,
    progress_due: Instant,
}

/// The other end of a [`Console`]: the replies to the command.
pub(crate) type Replies = mpsc::Sender<Reply>;

/// The client has disconnected.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the client has disconnected")]
pub(crate) struct Gone;

/// Creates a console and its other end.
pub(crate) fn pair() -> (Console, Events, Replies) {
    let (sender, receiver) = mpsc::channel(BUFFERED_EVENTS);
    // Each pull and each question has one reply.
    let (reply, replies) = mpsc::channel(1);
    let (progress, latest) = watch::channel(Progress::default());
    let console = Console { events: sender, replies, progress, input: None };
    (console, Events { receiver, progress: latest, progress_due: Instant::now() }, reply)
}

impl Console {
    /// Uses this file as the input.
    pub(crate) fn with_input(self, input: File) -> Self {
        Self { input: Some(input), ..self }
    }

    /// Writes to stdout. Waits if the client is slow.
    ///
    /// # Errors
    /// [`Gone`].
    pub(crate) async fn print(&self, bytes: impl Into<Vec<u8>>) -> Result<(), Gone> {
        let bytes = bytes.into();
        if bytes.is_empty() {
            return Ok(());
        }
        if bytes.len() <= CHUNK {
            return self.send(Event::Print(bytes)).await;
        }
        for chunk in bytes.chunks(CHUNK) {
            self.send(Event::Print(chunk.to_vec())).await?;
        }
        Ok(())
    }

    /// Copies `source` to stdout in chunks.
    ///
    /// # Errors
    /// [`Gone`], or if `source` cannot be read.
    pub(crate) async fn print_all(&self, source: &mut impl Read) -> anyhow::Result<()> {
        loop {
            let mut chunk = Vec::with_capacity(CHUNK);
            if source.take(CHUNK as u64).read_to_end(&mut chunk)? == 0 {
                return Ok(());
            }
            self.print(chunk).await?;
        }
    }

    /// Writes a line to stderr.
    ///
    /// # Errors
    /// [`Gone`].
    pub(crate) async fn note(&self, line: impl Into<String>) -> Result<(), Gone> {
        self.send(Event::Note(line.into())).await
    }

    /// Returns a function that reports progress. It never waits; the client receives only the latest value.
    pub(crate) fn progress(&self) -> impl FnMut(Progress) + Send + use<> {
        let progress = self.progress.clone();
        move |latest| {
            progress.send_replace(latest);
        }
    }

    /// Asks for confirmation.
    ///
    /// # Errors
    /// If the answer is not yes; [`Gone`].
    pub(crate) async fn confirm(&mut self, question: String) -> anyhow::Result<()> {
        self.send(Event::Ask(question)).await?;
        match self.replies.recv().await.ok_or(Gone)? {
            Reply::Answer(Answer::Yes) => Ok(()),
            Reply::Answer(Answer::No(why)) => bail!(why),
            Reply::Input(_) | Reply::InputEnd | Reply::InputFailed(_) => {
                bail!("received input instead of an answer")
            }
        }
    }

    /// The input as a seekable file: the file that is open in this process, or a private, unnamed copy of what the client
    /// sends, created in `folder`.
    ///
    /// # Errors
    /// If the input cannot be read, the copy cannot be written, or too little disk space is left; [`Gone`].
    pub(crate) async fn input_file(&mut self, folder: &Path) -> anyhow::Result<File> {
        if let Some(file) = self.input.take() {
            return Ok(file);
        }
        let mut spool = Spool::begin(folder)?;
        while let Some(chunk) = self.read().await? {
            spool.write(&chunk)?;
        }
        spool.finish()
    }

    /// Sends the outcome of the command, if the client is still connected.
    pub(super) async fn end(self, outcome: super::message::Outcome) {
        let _ = self.send(Event::End(outcome)).await;
    }

    /// Reads the next chunk of input; `None` at the end.
    async fn read(&mut self) -> anyhow::Result<Option<Vec<u8>>> {
        self.send(Event::Pull).await?;
        match self.replies.recv().await.ok_or(Gone)? {
            Reply::Input(chunk) => Ok(Some(chunk)),
            Reply::InputEnd => Ok(None),
            Reply::InputFailed(why) => Err(anyhow!(why)),
            Reply::Answer(_) => bail!("received an answer instead of input"),
        }
    }

    async fn send(&self, event: Event) -> Result<(), Gone> {
        self.events.send(event).await.map_err(|_| Gone)
    }
}

impl Events {
    /// The next event; `None` once the command has ended. Cancel safe.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        tokio::select! {
            biased;
            event = self.receiver.recv() => event,
            progress = next_progress(&mut self.progress, self.progress_due) => {
                self.progress_due = Instant::now() + PROGRESS_INTERVAL;
                Some(Event::Progress(progress))
            }
        }
    }
}

async fn next_progress(progress: &mut watch::Receiver<Progress>, due: Instant) -> Progress {
    sleep_until(due).await;
    if progress.changed().await.is_err() {
        // The command has ended, which is reported by a separate event.
        pending::<()>().await;
    }
    *progress.borrow_and_update()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;

    use futures_util::FutureExt as _;

    use crate::control::message::Outcome;

    #[tokio::test]
    async fn a_command_waits_for_a_client_that_does_not_read() {
        let (console, mut events, _replies) = pair();
        let mut printing = pin!(console.print(vec![1; 100 * CHUNK]));
        assert_eq!(printing.as_mut().now_or_never(), None);
        let mut buffered = 0;
        while let Some(Some(Event::Print(bytes))) = events.next().now_or_never() {
            buffered += bytes.len();
        }
        assert_eq!(buffered, BUFFERED_EVENTS * CHUNK);
    }

    #[tokio::test(start_paused = true)]
    async fn only_the_latest_progress_is_sent_and_not_too_often() {
        let (console, mut events, _replies) = pair();
        let mut progress = console.progress();
        let begin = Instant::now();
        (1..=50).for_each(|done| progress(Progress { done, total: 100 }));
        assert_eq!(events.next().await, Some(Event::Progress(Progress { done: 50, total: 100 })));
        (51..=100).for_each(|done| progress(Progress { done, total: 100 }));
        assert_eq!(events.next().await, Some(Event::Progress(Progress { done: 100, total: 100 })));
        assert!(begin.elapsed() >= PROGRESS_INTERVAL);
        console.end(Outcome::Refused).await;
        assert_eq!(events.next().await, Some(Event::End(Outcome::Refused)));
    }

    #[tokio::test]
    async fn input_is_pulled_in_chunks_into_an_unnamed_file() {
        let folder = tempfile::tempdir().unwrap();
        let (mut console, mut events, replies) = pair();
        let feeding = async {
            for reply in [Reply::Input(b"one ".to_vec()), Reply::Input(b"two".to_vec()), Reply::InputEnd] {
                assert_eq!(events.next().await, Some(Event::Pull));
                replies.send(reply).await.unwrap();
            }
        };
        let (file, ()) = tokio::join!(console.input_file(folder.path()), feeding);
        let mut text = String::new();
        file.unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "one two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
