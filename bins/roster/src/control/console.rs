//! What a running command sees of its terminal, wherever that is.

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
use super::spool::Spool;

/// How many events wait for a terminal that is slow; then the command waits.
const WAITING: usize = 8;

/// How often a terminal is told how far a command is.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// The terminal of a command, on this machine or at the other end of the socket.
pub(crate) struct Console {
    events: mpsc::Sender<Event>,
    replies: mpsc::Receiver<Reply>,
    progress: watch::Sender<Progress>,
    /// The input, where it is a file that this process has open.
    input: Option<File>,
}

/// The other end of a [`Console`]: what the command says.
pub(crate) struct Events {
    said: mpsc::Receiver<Event>,
    progress: watch::Receiver<Progress>,
    progress_due: Instant,
}

/// The other end of a [`Console`]: what is said to the command.
pub(crate) type Replies = mpsc::Sender<Reply>;

/// The terminal has gone, so nobody waits for the command.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("whoever ran this command has gone")]
pub(crate) struct Gone;

/// A console and its other end.
pub(crate) fn pair() -> (Console, Events, Replies) {
    let (events, said) = mpsc::channel(WAITING);
    // One reply to each pull and question.
    let (reply, replies) = mpsc::channel(1);
    let (progress, seen) = watch::channel(Progress::default());
    let console = Console { events, replies, progress, input: None };
    (console, Events { said, progress: seen, progress_due: Instant::now() }, reply)
}

impl Console {
    /// The same with this file as its input.
    pub(crate) fn with_input(self, input: File) -> Self {
        Self { input: Some(input), ..self }
    }

    /// Writes to stdout. Waits for a terminal that is slow.
    ///
    /// # Errors
    /// [`Gone`].
    pub(crate) async fn print(&self, bytes: impl Into<Vec<u8>>) -> Result<(), Gone> {
        let bytes = bytes.into();
        if bytes.is_empty() {
            return Ok(());
        }
        if bytes.len() <= CHUNK {
            return self.say(Event::Print(bytes)).await;
        }
        for chunk in bytes.chunks(CHUNK) {
            self.say(Event::Print(chunk.to_vec())).await?;
        }
        Ok(())
    }

    /// Writes all that `source` holds to stdout, a chunk at a time.
    ///
    /// # Errors
    /// [`Gone`], or what keeps `source` from being read.
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
        self.say(Event::Note(line.into())).await
    }

    /// Where progress is told. It waits for nobody: a terminal sees the latest.
    pub(crate) fn progress(&self) -> impl FnMut(Progress) + Send + use<> {
        let progress = self.progress.clone();
        move |latest| {
            progress.send_replace(latest);
        }
    }

    /// Asks whether to go on.
    ///
    /// # Errors
    /// What the terminal says instead of yes; [`Gone`].
    pub(crate) async fn confirm(&mut self, question: String) -> anyhow::Result<()> {
        self.say(Event::Ask(question)).await?;
        match self.replies.recv().await.ok_or(Gone)? {
            Reply::Answer(Answer::Yes) => Ok(()),
            Reply::Answer(Answer::No(why)) => bail!(why),
            Reply::Input(_) | Reply::InputEnd | Reply::InputFailed(_) => {
                bail!("input came instead of an answer")
            }
        }
    }

    /// The input as a file that can be read from any place: the one that is open here, or a private copy without a
    /// name, made in `folder`, of what the terminal sends.
    ///
    /// # Errors
    /// If the input cannot be read, the copy not be written, or too little room be left beside it; [`Gone`].
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

    /// Says how the command ended. Whoever has gone is not told.
    pub(super) async fn end(self, outcome: super::message::Outcome) {
        let _ = self.say(Event::End(outcome)).await;
    }

    /// One more chunk of input; `None` at its end.
    async fn read(&mut self) -> anyhow::Result<Option<Vec<u8>>> {
        self.say(Event::Pull).await?;
        match self.replies.recv().await.ok_or(Gone)? {
            Reply::Input(chunk) => Ok(Some(chunk)),
            Reply::InputEnd => Ok(None),
            Reply::InputFailed(why) => Err(anyhow!(why)),
            Reply::Answer(_) => bail!("an answer came instead of input"),
        }
    }

    async fn say(&self, event: Event) -> Result<(), Gone> {
        self.events.send(event).await.map_err(|_| Gone)
    }
}

impl Events {
    /// The next one; `None` once the command has ended. May be dropped while it waits.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        tokio::select! {
            biased;
            event = self.said.recv() => event,
            progress = next_progress(&mut self.progress, self.progress_due) => {
                self.progress_due = Instant::now() + PROGRESS_EVERY;
                Some(Event::Progress(progress))
            }
        }
    }
}

async fn next_progress(progress: &mut watch::Receiver<Progress>, due: Instant) -> Progress {
    sleep_until(due).await;
    if progress.changed().await.is_err() {
        // The command has ended, which is an event of its own.
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
    async fn a_command_waits_for_a_terminal_that_does_not_read() {
        let (console, mut events, _replies) = pair();
        let mut printing = pin!(console.print(vec![1; 100 * CHUNK]));
        assert_eq!(printing.as_mut().now_or_never(), None);
        let mut waiting = 0;
        while let Some(Some(Event::Print(bytes))) = events.next().now_or_never() {
            waiting += bytes.len();
        }
        assert_eq!(waiting, WAITING * CHUNK);
    }

    #[tokio::test(start_paused = true)]
    async fn only_the_latest_progress_is_told_and_not_too_often() {
        let (console, mut events, _replies) = pair();
        let mut progress = console.progress();
        let begin = Instant::now();
        (1..=50).for_each(|done| progress(Progress { done, total: 100 }));
        assert_eq!(events.next().await, Some(Event::Progress(Progress { done: 50, total: 100 })));
        (51..=100).for_each(|done| progress(Progress { done, total: 100 }));
        assert_eq!(events.next().await, Some(Event::Progress(Progress { done: 100, total: 100 })));
        assert!(begin.elapsed() >= PROGRESS_EVERY);
        console.end(Outcome::Refused).await;
        assert_eq!(events.next().await, Some(Event::End(Outcome::Refused)));
    }

    #[tokio::test]
    async fn input_is_pulled_chunk_by_chunk_into_a_file_without_a_name() {
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
