//! One client connection: the handshake, a request, then events and replies until the command ends.

use std::io::ErrorKind;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::net::UnixStream;
use tokio::net::unix::OwnedReadHalf;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::console::{Console, Events, Replies, pair};
use super::frame::{Frame, FrameError, FrameWriter, read_frame};
use super::handler::{CommandHandler, Peer};
use super::hello::{Hello, REQUEST, StoreId};
use super::message::{Event, Outcome, Reply};

/// How long a client may take to send its hello and its request.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);

/// How long running commands may continue after the server begins to stop.
const GRACE_PERIOD: Duration = Duration::from_secs(1);

/// How long to try to tell a client that its command was cancelled.
const NOTICE_TIMEOUT: Duration = Duration::from_secs(1);

/// How a connection ended without an error.
enum ConnectionEnd {
    /// The command finished, and the client has received the outcome.
    Finished,
    /// The client disconnected.
    Disconnected,
    /// The server is stopping.
    ServerStopping,
}

type Writer = FrameWriter<tokio::net::unix::OwnedWriteHalf>;

/// Runs one command for an authorized peer.
///
/// # Errors
/// If the peer violates the protocol, or its request takes too long to arrive.
pub(super) async fn serve_connection(
    stream: UnixStream,
    peer: Peer,
    store: StoreId,
    handler: &impl CommandHandler,
    stopping: watch::Receiver<bool>,
) -> Result<(), FrameError> {
    let (mut reader, writer) = stream.into_split();
    let mut writer = FrameWriter::new(writer);
    let own = Hello::own(Some(store));
    let request = timeout(HANDSHAKE_TIMEOUT, async {
        writer.write(&own.frame()?).await?;
        read_request(&mut reader, &mut writer, &own).await
    });
    let Some(request) = request.await.map_err(|_| FrameError::Slow)?? else { return Ok(()) };
    match run(&mut reader, &mut writer, peer, &request, handler, stopping).await? {
        ConnectionEnd::Finished => {}
        ConnectionEnd::Disconnected => {
            tracing::info!(
                uid = peer.uid,
                pid = peer.pid,
                "a command was cancelled because its terminal has gone"
            );
        }
        ConnectionEnd::ServerStopping => {
            tracing::warn!(
                uid = peer.uid,
                pid = peer.pid,
                "a command was cancelled because the server is stopping"
            );
            // Ignore a client that does not read.
            let _ = timeout(NOTICE_TIMEOUT, send_stopping(&mut writer)).await;
        }
    }
    Ok(())
}

/// Reads the request of a client with the same protocol version. Returns `None` if the client disconnects, or if its
/// version differs, after sending the reason.
async fn read_request(
    reader: &mut OwnedReadHalf,
    writer: &mut Writer,
    own: &Hello,
) -> Result<Option<Frame>, FrameError> {
    let Some(hello) = read_frame(reader).await? else { return Ok(None) };
    if let Some(error) = Hello::from_frame(&hello)?.mismatch(own) {
        writer.write(&Event::End(Outcome::Failed { error }).frame()?).await?;
        return Ok(None);
    }
    match read_frame(reader).await? {
        Some(request) if request.kind != REQUEST => Err(FrameError::Unknown(request.kind)),
        request => Ok(request),
    }
}

async fn run(
    reader: &mut OwnedReadHalf,
    writer: &mut Writer,
    peer: Peer,
    request: &Frame,
    handler: &impl CommandHandler,
    mut stopping: watch::Receiver<bool>,
) -> Result<ConnectionEnd, FrameError> {
    let (console, events, replies) = pair();
    let executing = pin!(execute(handler, peer, request, console));
    let sending = pin!(send_events(events, writer));
    let sent = async {
        match select(sending, executing).await {
            Either::Left((sent, _)) => sent,
            Either::Right(((), sending)) => sending.await,
        }
    };
    let stopped = async {
        if stopping.wait_for(|stop| *stop).await.is_ok() {
            sleep(GRACE_PERIOD).await;
        }
    };
    let ended = tokio::select! {
        sent = sent => sent.map(|()| ConnectionEnd::Finished),
        received = receive_replies(reader, replies) => received.map(|()| ConnectionEnd::Disconnected),
        () = stopped => Ok(ConnectionEnd::ServerStopping),
    };
    match ended {
        // The client was killed before it had read everything.
        Err(FrameError::Io(error))
            if matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) =>
        {
            Ok(ConnectionEnd::Disconnected)
        }
        ended => ended,
    }
}

async fn execute(handler: &impl CommandHandler, peer: Peer, request: &Frame, mut console: Console) {
    let outcome = handler.handle(peer, request.body(), &mut console).await;
    console.end(outcome).await;
}

/// Sends the events of the command until it ends. A slow client slows down the command.
async fn send_events(mut events: Events, writer: &mut Writer) -> Result<(), FrameError> {
    while let Some(event) = events.next().await {
        let is_last = matches!(event, Event::End(_));
        writer.write(&event.frame()?).await?;
        if is_last {
            break;
        }
    }
    Ok(())
}

/// Forwards the replies of the client until it disconnects.
async fn receive_replies(reader: &mut OwnedReadHalf, replies: Replies) -> Result<(), FrameError> {
    while let Some(frame) = read_frame(reader).await? {
        let kind = frame.kind;
        // The channel has room for the one reply that the command asked for.
        if replies.try_send(Reply::from_frame(frame)?).is_err() {
            return Err(FrameError::Unknown(kind));
        }
    }
    Ok(())
}

async fn send_stopping(writer: &mut Writer) -> Result<(), FrameError> {
    let error = "the server stops, so the command was cancelled; changes up to then are kept. Run it again when the \
                 server is running";
    writer.write(&Event::End(Outcome::Failed { error: error.to_owned() }).frame()?).await
}
