//! One connection of the command line: greetings, a request, and then what both sides say until the command ends.

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

/// How long a command line may take to say who it is and what it wants.
const GREETING: Duration = Duration::from_secs(5);

/// How long a command that runs may go on once the server stops.
const GRACE: Duration = Duration::from_secs(1);

/// How long a terminal may take to be told that its command was ended.
const FAREWELL: Duration = Duration::from_secs(1);

/// How a connection ended that did not fail.
enum ConnectionEnd {
    /// The command ended, and its terminal knows.
    Ended,
    /// The terminal has gone.
    Gone,
    /// The server stops.
    Stopping,
}

type Writer = FrameWriter<tokio::net::unix::OwnedWriteHalf>;

/// Runs one command for a peer that may run it.
///
/// # Errors
/// If the peer does not speak the protocol, or is too slow to begin.
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
    let request = timeout(GREETING, async {
        writer.write(&own.frame()?).await?;
        greeted(&mut reader, &mut writer, &own).await
    });
    let Some(request) = request.await.map_err(|_| FrameError::Slow)?? else { return Ok(()) };
    match run(&mut reader, &mut writer, peer, &request, handler, stopping).await? {
        ConnectionEnd::Ended => {}
        ConnectionEnd::Gone => {
            tracing::info!(uid = peer.uid, pid = peer.pid, "a command was cancelled: its terminal has gone");
        }
        ConnectionEnd::Stopping => {
            tracing::warn!(uid = peer.uid, pid = peer.pid, "a command was ended: the server stops");
            // One that does not read is not waited for.
            let _ = timeout(FAREWELL, say_stopping(&mut writer)).await;
        }
    }
    Ok(())
}

/// The request of a command line that speaks the same version; `None` if it goes away, or speaks another one and was
/// told so.
async fn greeted(
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
    let telling = pin!(tell(events, writer));
    let message = async {
        match select(telling, executing).await {
            Either::Left((message, _)) => message,
            Either::Right(((), telling)) => telling.await,
        }
    };
    let stopped = async {
        if stopping.wait_for(|stop| *stop).await.is_ok() {
            sleep(GRACE).await;
        }
    };
    tokio::select! {
        message = message => message.map(|()| ConnectionEnd::Ended),
        heard = hear(reader, replies) => heard.map(|()| ConnectionEnd::Gone),
        () = stopped => Ok(ConnectionEnd::Stopping),
    }
}

async fn execute(handler: &impl CommandHandler, peer: Peer, request: &Frame, mut console: Console) {
    let outcome = handler.handle(peer, request.body(), &mut console).await;
    console.end(outcome).await;
}

/// Writes what the command says until it has ended. Each write waits for a terminal that is slow, and so does the
/// command.
async fn tell(mut events: Events, writer: &mut Writer) -> Result<(), FrameError> {
    while let Some(event) = events.next().await {
        let is_last = matches!(event, Event::End(_));
        writer.write(&event.frame()?).await?;
        if is_last {
            break;
        }
    }
    Ok(())
}

/// Hands on what the terminal says, until it goes away.
async fn hear(reader: &mut OwnedReadHalf, replies: Replies) -> Result<(), FrameError> {
    while let Some(frame) = read_frame(reader).await? {
        let kind = frame.kind;
        // There is room for the one reply that was asked for.
        if replies.try_send(Reply::from_frame(frame)?).is_err() {
            return Err(FrameError::Unknown(kind));
        }
    }
    Ok(())
}

async fn say_stopping(writer: &mut Writer) -> Result<(), FrameError> {
    let error = "the server stops, so the command was ended; what it had done by then stays. Run it again when the \
                 server is back";
    writer.write(&Event::End(Outcome::Failed { error: error.to_owned() }).frame()?).await
}
