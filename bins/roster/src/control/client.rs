//! The command line's side of the socket.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use rustix::process::geteuid;
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::frame::{Frame, FrameError, FrameWriter, read_frame};
use super::hello::{Hello, REQUEST, StoreId};
use super::message::{Event, Outcome, Reply};
use super::show::{Front, Link, show};

/// How long a server may take to greet.
const GREETING: Duration = Duration::from_secs(5);

/// What is behind a socket.
pub(crate) enum Reached {
    /// The server of this store, which speaks the same protocol.
    Server(Server),
    /// No server of this store, and why.
    Nobody(String),
}

/// A connection to a server that waits for a request.
pub(crate) struct Server {
    reader: OwnedReadHalf,
    writer: FrameWriter<OwnedWriteHalf>,
}

/// Asks who listens at `path`, and whether it keeps the store in `folder`.
///
/// # Errors
/// If it does, and cannot take a command: it speaks another version, is busy, or does not take them from this user.
pub(crate) async fn reach(path: &Path, folder: &Path) -> anyhow::Result<Reached> {
    let shown = path.display();
    let stream = match UnixStream::connect(path).await {
        Ok(stream) => stream,
        Err(error) => return Ok(Reached::Nobody(format!("cannot connect to \"{shown}\": {error}"))),
    };
    if let Some(stranger) = untrusted_owner(&stream, folder)? {
        return Ok(Reached::Nobody(format!(
            "\"{shown}\" belongs to the user with id {stranger}, who does not own the store"
        )));
    }
    let (mut reader, writer) = stream.into_split();
    let hello = match timeout(GREETING, read_frame(&mut reader)).await {
        Ok(Ok(Some(frame))) => greeting(frame)?,
        // One that stops has closed it.
        Ok(Ok(None)) => return Ok(Reached::Nobody(format!("the server at \"{shown}\" takes no commands"))),
        Ok(Err(FrameError::Io(error))) => return Ok(Reached::Nobody(format!("\"{shown}\": {error}"))),
        Ok(Err(error)) => {
            return Err(error).with_context(|| format!("whoever listens at \"{shown}\" is no Roster"));
        }
        Err(_) => bail!(
            "the server at \"{shown}\" did not answer within {} seconds; `roster keys` and `roster audit` also work with --offline",
            GREETING.as_secs()
        ),
    };
    if hello.store.is_some() && hello.store != StoreId::of(folder).ok() {
        return Ok(Reached::Nobody(format!("the server at \"{shown}\" keeps another store")));
    }
    let own = Hello::own(None);
    if let Some(mismatch) = own.mismatch(&hello) {
        bail!(mismatch);
    }
    let mut writer = FrameWriter::new(writer);
    writer.write(&own.frame()?).await?;
    Ok(Reached::Server(Server { reader, writer }))
}

/// Whoever listens, if it is neither this user, nor root, nor the owner of the store: passwords are not for them.
fn untrusted_owner(stream: &UnixStream, folder: &Path) -> io::Result<Option<u32>> {
    let uid = stream.peer_cred()?.uid();
    let owns_store = || std::fs::metadata(folder).is_ok_and(|found| found.uid() == uid);
    Ok(if uid == 0 || uid == geteuid().as_raw() || owns_store() { None } else { Some(uid) })
}

/// The greeting, or what was said instead of one.
fn greeting(frame: Frame) -> anyhow::Result<Hello> {
    if let Ok(hello) = Hello::from_frame(&frame) {
        return Ok(hello);
    }
    match Event::from_frame(frame) {
        Ok(Event::End(Outcome::Failed { error })) => Err(anyhow!(error)),
        _ => Err(anyhow!("whoever listens for commands is no Roster")),
    }
}

impl Server {
    /// Has the server do what `request` asks for, and shows it.
    ///
    /// # Errors
    /// If output cannot be written, or the server goes away.
    pub(crate) async fn run(self, request: Zeroizing<Vec<u8>>, front: &mut Front) -> anyhow::Result<Outcome> {
        let Self { reader, mut writer } = self;
        writer
            .write(&Frame::new(REQUEST, request.to_vec()))
            .await
            .context("cannot send the command to the server")?;
        let (sender, events) = mpsc::channel(1);
        let reading = tokio::spawn(read(reader, sender));
        let shown = show(Socket { events, writer }, front).await;
        reading.abort();
        shown
    }
}

/// A frame may not be dropped halfway, so a task of its own reads them.
async fn read(mut reader: OwnedReadHalf, events: mpsc::Sender<Result<Event, FrameError>>) {
    while let Some(frame) = read_frame(&mut reader).await.transpose() {
        if events.send(frame.and_then(Event::from_frame)).await.is_err() {
            return;
        }
    }
}

/// To a command in a server.
struct Socket {
    events: mpsc::Receiver<Result<Event, FrameError>>,
    writer: FrameWriter<OwnedWriteHalf>,
}

impl Link for Socket {
    async fn next(&mut self) -> anyhow::Result<Event> {
        let event = self.events.recv().await.context(
            "the server went away before the command ended; what was done by then stays, so look before you run it again",
        )?;
        Ok(event?)
    }

    async fn reply(&mut self, reply: Reply) -> anyhow::Result<()> {
        // A server that ends the command says why before it closes the connection.
        match self.writer.write(&reply.frame()?).await {
            Err(FrameError::Io(_)) | Ok(()) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
