//! The client half of every command: displays its events and replies to them.

use std::io::{BufWriter, ErrorKind, IntoInnerError, IsTerminal as _, Write as _, stdout};
use std::path::PathBuf;
use std::pin::pin;

use anyhow::Context;
use futures_util::future::{Either, select};
use indicatif::{ProgressBar, ProgressStyle};

use super::console::{Console, Events, Replies, pair};
use super::input::{Chunks, Input};
use super::message::{Answer, Event, Outcome, Progress, Reply};
use crate::private_file::{Existing, PrivateFile};
use crate::terminal;

/// The input and output of a command.
pub(crate) struct CommandIo {
    /// The input of the command.
    pub(crate) input: Input,
    /// The destination of the output.
    pub(crate) output: Output,
    /// What to do if the reader of the output goes away.
    pub(crate) closed_output: ClosedOutput,
}

/// The destination of output.
pub(crate) enum Output {
    /// Stdout.
    Stdout,
    /// A file that appears only once it is complete.
    File {
        /// The temporary file.
        file: BufWriter<PrivateFile>,
        /// The final path.
        path: PathBuf,
        /// What to do if the file already exists.
        existing: Existing,
    },
}

/// What a command does if the reader of its output, such as `head`, goes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClosedOutput {
    /// It ends, because it only prints something.
    Ends,
    /// It continues, because it changes something.
    GoesOn,
    /// It fails, because partial output is useless.
    Fails,
}

/// A link to a command. Its methods are cancel safe.
pub(super) trait Link {
    /// Waits for the next event of the command.
    ///
    /// # Errors
    /// If no event will follow.
    async fn next(&mut self) -> anyhow::Result<Event>;

    /// Sends a reply to the command.
    ///
    /// # Errors
    /// If the connection is broken.
    async fn reply(&mut self, reply: Reply) -> anyhow::Result<()>;
}

/// The link to a command in this process.
struct LocalLink {
    events: Events,
    replies: Replies,
}

impl Link for LocalLink {
    async fn next(&mut self) -> anyhow::Result<Event> {
        self.events.next().await.context("the command ended without an outcome")
    }

    async fn reply(&mut self, reply: Reply) -> anyhow::Result<()> {
        // A command that has ended needs no reply.
        let _ = self.replies.send(reply).await;
        Ok(())
    }
}

/// Runs a command in this process and displays its output.
///
/// # Errors
/// If the output cannot be written.
pub(crate) async fn run_locally(
    io: &mut CommandIo,
    command: impl AsyncFnOnce(&mut Console) -> Outcome,
) -> anyhow::Result<Outcome> {
    let (mut console, events, replies) = pair();
    if let Input::File(file, _) = std::mem::replace(&mut io.input, Input::None) {
        console = console.with_input(file);
    }
    let running = pin!(async move {
        let outcome = command(&mut console).await;
        console.end(outcome).await;
    });
    let showing = pin!(show(LocalLink { events, replies }, io));
    match select(showing, running).await {
        Either::Left((shown, _)) => shown,
        Either::Right(((), showing)) => showing.await,
    }
}

/// Displays the events of a command until it ends, and returns its outcome.
///
/// # Errors
/// If the output cannot be written, or the server disconnects.
pub(super) async fn show(mut link: impl Link, io: &mut CommandIo) -> anyhow::Result<Outcome> {
    let input = std::mem::replace(&mut io.input, Input::None);
    let mut screen = Screen { output: &mut io.output, closed: io.closed_output, bar: None };
    let mut chunks = Chunks::of(input);
    let mut is_pulled = false;
    let outcome = loop {
        let event = tokio::select! {
            event = link.next() => event?,
            reply = chunks.next(), if is_pulled => {
                is_pulled = false;
                link.reply(reply).await?;
                continue;
            }
        };
        match event {
            Event::Print(bytes) if screen.print(&bytes)? == Reader::Gone => {
                break Outcome::Done { summary: None };
            }
            Event::Print(_) => {}
            Event::Note(text) => screen.note(&text),
            Event::Progress(progress) => screen.progress(progress),
            Event::Pull => {
                is_pulled = true;
                chunks.pull()?;
            }
            Event::Ask(question) => link.reply(Reply::Answer(answer(&question))).await?,
            Event::End(outcome) => break outcome,
        }
    };
    screen.end();
    Ok(outcome)
}

impl Output {
    /// If the output is a file and the command succeeded, gives the file its final name. Returns the outcome.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(crate) fn finish(self, outcome: Outcome) -> anyhow::Result<Outcome> {
        let (Self::File { file, path, existing }, Outcome::Done { summary }) = (self, &outcome) else {
            return Ok(outcome);
        };
        let failed = || format!("cannot write \"{}\"", path.display());
        let file = file.into_inner().map_err(IntoInnerError::into_error).with_context(failed)?;
        file.persist_as(&path, existing).with_context(failed)?;
        let summary = summary.as_ref().map(|line| format!("{line} to \"{}\"", path.display()));
        Ok(Outcome::Done { summary })
    }
}

fn answer(question: &str) -> Answer {
    match terminal::confirm(question) {
        Ok(()) => Answer::Yes,
        Err(error) => Answer::No(terminal::chain(&error)),
    }
}

/// Whether the reader of the output is still there.
#[derive(PartialEq, Eq)]
enum Reader {
    Present,
    Gone,
}

/// Displays the events of a command.
struct Screen<'a> {
    output: &'a mut Output,
    closed: ClosedOutput,
    /// Created when the first progress arrives.
    bar: Option<ProgressBar>,
}

impl Screen<'_> {
    fn print(&mut self, bytes: &[u8]) -> anyhow::Result<Reader> {
        let written = match &mut *self.output {
            Output::File { file, path, .. } => {
                file.write_all(bytes).with_context(|| format!("cannot write \"{}\"", path.display()))?;
                return Ok(Reader::Present);
            }
            Output::Stdout => {
                let write = || {
                    let mut stdout = stdout().lock();
                    let bytes = if stdout.is_terminal() { &*terminal::printable_lines(bytes) } else { bytes };
                    stdout.write_all(bytes).and_then(|()| stdout.flush())
                };
                // The progress bar occupies the current line of the terminal.
                self.bar.as_ref().map_or_else(write, |bar| bar.suspend(write))
            }
        };
        match written {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => match self.closed {
                ClosedOutput::Ends => Ok(Reader::Gone),
                ClosedOutput::GoesOn => Ok(Reader::Present),
                ClosedOutput::Fails => Err(error).context("the reader of the output has gone before its end"),
            },
            written => written.map(|()| Reader::Present).context("cannot write to stdout"),
        }
    }

    fn note(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| terminal::note(line)),
            None => terminal::note(line),
        }
    }

    fn progress(&mut self, Progress { done, total }: Progress) {
        let bar = self.bar.get_or_insert_with(progress_bar);
        // The number of items can grow while the command is running.
        bar.set_length(total.max(done));
        bar.set_position(done);
    }

    fn end(self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Creates the progress bar. It is visible only if stderr is a terminal.
fn progress_bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} records, {eta} left");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
