//! The input of a command, on the client side.

use std::fs::File;
use std::io::{self, Read, Seek as _};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use anyhow::Context;
use tokio::sync::mpsc;

use super::message::{CHUNK, Reply};

/// The input of a command, with its name for messages.
pub(crate) enum Input {
    /// No input.
    None,
    /// A seekable file.
    File(File, String),
    /// Stdin, a pipe or a device.
    Stream(Box<dyn Read + Send>, String),
}

/// Reads chunks on request, on a separate thread. The thread may block forever on a pipe, so the process does not wait for
/// it on exit.
pub(super) struct Chunks {
    /// The input, until the first chunk is requested.
    unread: Option<Input>,
    reader: Option<Reader>,
}

struct Reader {
    pulls: SyncSender<()>,
    chunks: mpsc::Receiver<Reply>,
}

impl Input {
    /// Opens a file; `-` is stdin.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::Stream(Box::new(io::stdin()), "stdin".to_owned()));
        }
        let name = format!("\"{}\"", path.display());
        let opened = File::open(path).and_then(|file| Ok((file.metadata()?.is_file(), file)));
        let (is_plain, file) = opened.with_context(|| format!("cannot read {name}"))?;
        Ok(if is_plain { Self::File(file, name) } else { Self::Stream(Box::new(file), name) })
    }

    /// Copies a stream to a private, unnamed file, so that the input is seekable. Creates the file in `folder`, or in the
    /// folder for temporary files if `folder` does not exist.
    ///
    /// # Errors
    /// If the stream cannot be read or copied.
    pub(crate) fn into_seekable(self, folder: &Path) -> anyhow::Result<Self> {
        let Self::Stream(mut stream, name) = self else { return Ok(self) };
        let file = if folder.is_dir() { tempfile::tempfile_in(folder) } else { tempfile::tempfile() };
        let mut file = file.context("cannot copy the input to a file")?;
        io::copy(&mut stream, &mut file).with_context(|| format!("cannot read {name}"))?;
        file.rewind()?;
        Ok(Self::File(file, name))
    }
}

impl Chunks {
    pub(super) const fn of(input: Input) -> Self {
        Self { unread: Some(input), reader: None }
    }

    /// Requests a chunk, which [`next`](Self::next) returns.
    ///
    /// # Errors
    /// If the thread cannot be started.
    pub(super) fn pull(&mut self) -> anyhow::Result<()> {
        if let Some(input) = self.unread.take() {
            self.reader = Some(Reader::of(input)?);
        }
        if let Some(reader) = &self.reader {
            // If the thread has ended, it has already sent the reason.
            let _ = reader.pulls.try_send(());
        }
        Ok(())
    }

    /// Waits for the requested chunk. Cancel safe.
    pub(super) async fn next(&mut self) -> Reply {
        match &mut self.reader {
            Some(reader) => reader.chunks.recv().await.unwrap_or(Reply::InputEnd),
            None => Reply::InputEnd,
        }
    }
}

impl Reader {
    fn of(input: Input) -> anyhow::Result<Self> {
        let (pulls, pulled) = sync_channel(1);
        let (sender, chunks) = mpsc::channel(1);
        let (mut stream, name): (Box<dyn Read + Send>, _) = match input {
            Input::None => (Box::new(io::empty()), String::new()),
            Input::File(file, name) => (Box::new(file), name),
            Input::Stream(stream, name) => (stream, name),
        };
        let read = move || read_pulled(&mut *stream, &name, &pulled, &sender);
        thread::Builder::new().name("input".to_owned()).spawn(read).context("cannot start a thread")?;
        Ok(Self { pulls, chunks })
    }
}

fn read_pulled(stream: &mut dyn Read, name: &str, pulls: &Receiver<()>, chunks: &mpsc::Sender<Reply>) {
    while pulls.recv().is_ok() {
        let reply =
            chunk(stream).unwrap_or_else(|error| Reply::InputFailed(format!("cannot read {name}: {error}")));
        if chunks.blocking_send(reply).is_err() {
            return;
        }
    }
}

/// Reads the available bytes, up to one chunk.
fn chunk(stream: &mut dyn Read) -> io::Result<Reply> {
    let mut bytes = vec![0; CHUNK];
    loop {
        match stream.read(&mut bytes) {
            Ok(0) => return Ok(Reply::InputEnd),
            Ok(length) => {
                bytes.truncate(length);
                return Ok(Reply::Input(bytes));
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
