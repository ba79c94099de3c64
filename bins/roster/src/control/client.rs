//! The client side of the socket.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Display, Path};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use rustix::process::geteuid;
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::frame::{Frame, FrameError, FrameWriter, read_frame};
use super::hello::{Hello, REQUEST, StoreId};
use super::message::{Event, Outcome, Progress, Reply};
use super::show::{CommandIo, Link, show};

/// How long to wait for the server's hello.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);

/// The result of connecting to a socket.
pub(crate) enum ConnectOutcome {
    /// A server for this store, with the same protocol version.
    Server(Server),
    /// No server for this store, and why.
    Unavailable(String),
}

/// A connection to a server that is waiting for a request.
pub(crate) struct Server {
    reader: OwnedReadHalf,
    writer: FrameWriter<OwnedWriteHalf>,
}

/// Connects to the server at `path` and checks that it serves the store that the file or folder `store` and the `database`
/// identify.
///
/// # Errors
/// If it does but does not accept the command: its protocol version differs, it is busy, or this user may not run
/// commands.
pub(crate) async fn connect(
    path: &Path,
    store: &Path,
    database: Option<String>,
) -> anyhow::Result<ConnectOutcome> {
    let shown = path.display();
    let stream = match UnixStream::connect(path).await {
        Ok(stream) => stream,
        Err(error) => {
            return Ok(ConnectOutcome::Unavailable(format!("cannot connect to \"{shown}\": {error}")));
        }
    };
    if let Some(uid) = untrusted_peer(&stream, store)? {
        return Ok(ConnectOutcome::Unavailable(format!(
            "\"{shown}\" belongs to the user with id {uid}, who does not own the store"
        )));
    }
    let (mut reader, writer) = stream.into_split();
    let hello = match read_hello(&mut reader, &shown).await? {
        Ok(hello) => hello,
        Err(why) => return Ok(ConnectOutcome::Unavailable(why)),
    };
    if hello.store.is_some() && hello.store != StoreId::of(store, database).ok() {
        return Ok(ConnectOutcome::Unavailable(format!("the server at \"{shown}\" serves another store")));
    }
    let own = Hello::own(None);
    if let Some(mismatch) = own.mismatch(&hello) {
        bail!(mismatch);
    }
    let mut writer = FrameWriter::new(writer);
    writer.write(&own.frame()?).await?;
    Ok(ConnectOutcome::Server(Server { reader, writer }))
}

/// Reads the hello of the server at the socket `shown`, or returns why it may become available later.
async fn read_hello(
    reader: &mut OwnedReadHalf,
    shown: &Display<'_>,
) -> anyhow::Result<Result<Hello, String>> {
    match timeout(HANDSHAKE_TIMEOUT, read_frame(reader)).await {
        Ok(Ok(Some(frame))) => Ok(Ok(server_hello(frame)?)),
        // A server that is stopping has closed the socket.
        Ok(Ok(None)) => Ok(Err(format!("the server at \"{shown}\" does not accept commands"))),
        Ok(Err(FrameError::Io(error))) => Ok(Err(format!("\"{shown}\": {error}"))),
        Ok(Err(error)) => {
            Err(error).with_context(|| format!("the process that listens at \"{shown}\" is not Roster"))
        }
        Err(_) => bail!(
            "the server at \"{shown}\" did not respond within {} seconds; `roster keys` and `roster audit` also work with --offline",
            HANDSHAKE_TIMEOUT.as_secs()
        ),
    }
}

/// The uid of the listening process, unless it is this user, root or the owner of the store. Passwords must not be
/// sent to anyone else.
fn untrusted_peer(stream: &UnixStream, store: &Path) -> io::Result<Option<u32>> {
    let uid = stream.peer_cred()?.uid();
    let owns_store = || std::fs::metadata(store).is_ok_and(|found| found.uid() == uid);
    Ok(if uid == 0 || uid == geteuid().as_raw() || owns_store() { None } else { Some(uid) })
}

/// Parses the server's hello. Returns the server's error if it sent one instead.
fn server_hello(frame: Frame) -> anyhow::Result<Hello> {
    if let Ok(hello) = Hello::from_frame(&frame) {
        return Ok(hello);
    }
    match Event::from_frame(frame) {
        Ok(Event::End(Outcome::Failed { error })) => Err(anyhow!(error)),
        _ => Err(anyhow!("the process that listens for commands is not Roster")),
    }
}

impl Server {
    /// Runs `request` on the server and displays its output.
    ///
    /// # Errors
    /// If the output cannot be written, or the server disconnects.
    pub(crate) async fn run(
        self,
        request: Zeroizing<Vec<u8>>,
        io: &mut CommandIo,
    ) -> anyhow::Result<Outcome> {
        let Self { reader, mut writer } = self;
        writer
            .write(&Frame::new(REQUEST, request.to_vec()))
            .await
            .context("cannot send the command to the server")?;
        let (sender, events) = mpsc::channel(1);
        let reading = tokio::spawn(read(reader, sender));
        let shown = show(SocketLink { events, writer }, io).await;
        reading.abort();
        shown
    }

    /// Runs `request`, which only prints, and passes on what it prints and how far it is. Ends early if nobody receives it.
    ///
    /// # Errors
    /// If the command fails, or the server disconnects.
    pub(crate) async fn stream(
        self,
        request: Zeroizing<Vec<u8>>,
        output: mpsc::Sender<Vec<u8>>,
        progress: watch::Sender<Progress>,
    ) -> anyhow::Result<()> {
        let Self { reader, mut writer } = self;
        let request = Frame::new(REQUEST, request.to_vec());
        writer.write(&request).await.context("cannot send the command to the server")?;
        let (sender, events) = mpsc::channel(1);
        let reading = tokio::spawn(read(reader, sender));
        let streamed = pass_on(SocketLink { events, writer }, output, progress).await;
        reading.abort();
        streamed
    }
}

async fn pass_on(
    mut link: SocketLink,
    output: mpsc::Sender<Vec<u8>>,
    progress: watch::Sender<Progress>,
) -> anyhow::Result<()> {
    loop {
        match link.next().await? {
            Event::Print(bytes) => {
                if output.send(bytes).await.is_err() {
                    return Ok(());
                }
            }
            Event::Progress(latest) => {
                progress.send_replace(latest);
            }
            Event::Note(_) => {}
            Event::End(Outcome::Done { .. }) => return Ok(()),
            Event::End(Outcome::Failed { error }) => bail!(error),
            Event::End(Outcome::Refused) | Event::Pull | Event::Ask(_) => {
                bail!("the server did not print what was requested")
            }
        }
    }
}

/// Reads events in a separate task, because reading a frame must not be cancelled.
async fn read(mut reader: OwnedReadHalf, events: mpsc::Sender<Result<Event, FrameError>>) {
    while let Some(frame) = read_frame(&mut reader).await.transpose() {
        if events.send(frame.and_then(Event::from_frame)).await.is_err() {
            return;
        }
    }
}

/// The link to a command that runs in a server.
struct SocketLink {
    events: mpsc::Receiver<Result<Event, FrameError>>,
    writer: FrameWriter<OwnedWriteHalf>,
}

impl Link for SocketLink {
    async fn next(&mut self) -> anyhow::Result<Event> {
        let event = self.events.recv().await.context(
            "the server went away before the command ended; changes up to then are kept, so check before you run it again",
        )?;
        Ok(event?)
    }

    async fn reply(&mut self, reply: Reply) -> anyhow::Result<()> {
        // Ignore a closed connection: a server that cancels the command sends the reason first.
        match self.writer.write(&reply.frame()?).await {
            Err(FrameError::Io(_)) | Ok(()) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
