//! The terminal's half of every command: shows what the command says, and answers it.

use std::io::{self, BufWriter, ErrorKind, IsTerminal as _, Write as _};
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

/// What a command line brings to its command.
pub(crate) struct Front {
    /// What the command reads.
    pub(crate) input: Input,
    /// Where its output goes.
    pub(crate) output: Output,
    /// What it means that nobody reads the output any more.
    pub(crate) closed_output: ClosedOutput,
}

/// Where output goes.
pub(crate) enum Output {
    /// To stdout.
    Stdout,
    /// To a file that appears only when it is whole.
    File {
        /// The file in the making.
        file: BufWriter<PrivateFile>,
        /// Where it appears.
        path: PathBuf,
        /// What to do about one that is there.
        existing: Existing,
    },
}

/// What a command does when the reader of its output, such as `head`, has gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClosedOutput {
    /// It ends, as it only tells something.
    Ends,
    /// It goes on, as it changes something.
    GoesOn,
    /// It fails, as half of its output is worth nothing.
    Fails,
}

/// The way to a command. What waits may be dropped.
pub(super) trait Link {
    /// What the command says next.
    ///
    /// # Errors
    /// If it will say nothing any more.
    async fn next(&mut self) -> anyhow::Result<Event>;

    /// Says something to the command.
    ///
    /// # Errors
    /// If the connection is broken.
    async fn reply(&mut self, reply: Reply) -> anyhow::Result<()>;
}

/// To a command in this process.
struct Here {
    events: Events,
    replies: Replies,
}

impl Link for Here {
    async fn next(&mut self) -> anyhow::Result<Event> {
        self.events.next().await.context("the command did not say how it ended")
    }

    async fn reply(&mut self, reply: Reply) -> anyhow::Result<()> {
        // A command that has ended wants no reply.
        let _ = self.replies.send(reply).await;
        Ok(())
    }
}

/// Runs a command in this process and shows it.
///
/// # Errors
/// If its output cannot be written.
pub(crate) async fn run_here(
    front: &mut Front,
    command: impl AsyncFnOnce(&mut Console) -> Outcome,
) -> anyhow::Result<Outcome> {
    let (mut console, events, replies) = pair();
    if let Input::File(file, _) = std::mem::replace(&mut front.input, Input::None) {
        console = console.with_input(file);
    }
    let running = pin!(async move {
        let outcome = command(&mut console).await;
        console.end(outcome).await;
    });
    let showing = pin!(show(Here { events, replies }, front));
    match select(showing, running).await {
        Either::Left((shown, _)) => shown,
        Either::Right(((), showing)) => showing.await,
    }
}

/// Shows a command until it ends, and says how.
///
/// # Errors
/// If its output cannot be written, or its server goes away.
pub(super) async fn show(mut link: impl Link, front: &mut Front) -> anyhow::Result<Outcome> {
    let input = std::mem::replace(&mut front.input, Input::None);
    let mut screen = Screen { output: &mut front.output, closed: front.closed_output, bar: None };
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
    /// Keeps the file, if this is one and the command ended well, and says how it ended.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(crate) fn keep(self, outcome: Outcome) -> anyhow::Result<Outcome> {
        let (Self::File { file, path, existing }, Outcome::Done { summary }) = (self, &outcome) else {
            return Ok(outcome);
        };
        let failed = || format!("cannot write \"{}\"", path.display());
        let file = file.into_inner().map_err(io::IntoInnerError::into_error).with_context(failed)?;
        file.keep_as(&path, existing).with_context(failed)?;
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

/// Whether somebody reads the output.
#[derive(PartialEq, Eq)]
enum Reader {
    There,
    Gone,
}

/// Where a command is shown.
struct Screen<'a> {
    output: &'a mut Output,
    closed: ClosedOutput,
    /// Made when there is progress to show.
    bar: Option<ProgressBar>,
}

impl Screen<'_> {
    fn print(&mut self, bytes: &[u8]) -> anyhow::Result<Reader> {
        let written = match &mut *self.output {
            Output::File { file, path, .. } => {
                file.write_all(bytes).with_context(|| format!("cannot write \"{}\"", path.display()))?;
                return Ok(Reader::There);
            }
            Output::Stdout => {
                let write = || {
                    let mut stdout = io::stdout().lock();
                    let bytes = if stdout.is_terminal() { &*terminal::printable_lines(bytes) } else { bytes };
                    stdout.write_all(bytes).and_then(|()| stdout.flush())
                };
                // The bar shares the terminal's line.
                self.bar.as_ref().map_or_else(write, |bar| bar.suspend(write))
            }
        };
        match written {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => match self.closed {
                ClosedOutput::Ends => Ok(Reader::Gone),
                ClosedOutput::GoesOn => Ok(Reader::There),
                ClosedOutput::Fails => Err(error).context("nobody reads the output to its end"),
            },
            written => written.map(|()| Reader::There).context("cannot write to stdout"),
        }
    }

    fn note(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| terminal::note(line)),
            None => terminal::note(line),
        }
    }

    fn progress(&mut self, Progress { done, total }: Progress) {
        let bar = self.bar.get_or_insert_with(bar);
        // More may come in while the command runs.
        bar.set_length(total.max(done));
        bar.set_position(done);
    }

    fn end(self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Shown on a terminal's stderr only.
fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} records, {eta} left");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
