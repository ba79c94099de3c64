//! The server side of the socket: accepts connections from authorized users, up to a limit.

use std::os::unix::net::UnixListener as StdListener;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use rustix::process::geteuid;
use tokio::net::{UnixListener, UnixStream};
use tokio::runtime::Builder;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::connection::serve_connection;
use super::frame::FrameError;
use super::handler::{CommandHandler, Peer};
use super::hello::StoreId;
use super::message::{Event, Outcome};
use super::socket::{ExistingSocket, NamedSocket};

/// The maximum number of concurrent commands. Each runs on its own thread.
const MAX_COMMANDS: u32 = 16;

/// How long a stop waits for commands to end. Longer than a command takes to notice the stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(4);

/// How long to wait after a connection could not be accepted, for example because there are too many open files.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(200);

/// The listener for commands. It runs until it is stopped.
pub(crate) struct ControlServer {
    stopping: watch::Sender<bool>,
    accepting: JoinHandle<()>,
    slots: Arc<Semaphore>,
}

/// Admits connections, and holds what each of them needs.
struct Admission<H> {
    handler: Arc<H>,
    store: StoreId,
    slots: Arc<Semaphore>,
    stopping: watch::Receiver<bool>,
}

impl ControlServer {
    /// Listens on a socket at `path` and passes commands to `handler`. This process must hold the lock of the store, which
    /// is in `folder`, unless it is in a `database`. `identity` identifies it: the folder itself, if no other store can be
    /// in it.
    ///
    /// # Errors
    /// If the socket cannot be created.
    pub(crate) fn start(
        path: &Path,
        folder: &Path,
        identity: &Path,
        database: Option<String>,
        handler: impl CommandHandler,
    ) -> anyhow::Result<Self> {
        let is_in_folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()) == Some(folder);
        let existing = if is_in_folder && folder == identity && database.is_none() {
            ExistingSocket::Stale
        } else {
            ExistingSocket::MaybeInUse
        };
        let bound =
            NamedSocket::bind(path, existing).and_then(|bound| Ok((bound, StoreId::of(identity, database)?)));
        let ((named, listener), store) = bound.with_context(|| {
            format!(
                "cannot listen for commands on \"{}\"; set server.control_socket to another path",
                path.display()
            )
        })?;
        let (stopping, stop) = watch::channel(false);
        let slots = Arc::new(Semaphore::new(MAX_COMMANDS as usize));
        let admission =
            Admission { handler: Arc::new(handler), store, slots: Arc::clone(&slots), stopping: stop };
        let accepting = tokio::spawn(accept(named, listen(listener)?, admission));
        Ok(Self { stopping, accepting, slots })
    }

    /// Stops accepting commands, gives running commands a short grace period, then cancels them and notifies their
    /// clients. Takes a few seconds at most.
    pub(crate) async fn stop(self) {
        let _ = self.stopping.send(true);
        if let Err(error) = self.accepting.await {
            tracing::error!(%error, "the listener for commands failed");
        }
        if timeout(STOP_TIMEOUT, self.slots.acquire_many(MAX_COMMANDS)).await.is_err() {
            tracing::warn!("commands are still running; they are cut off");
        }
    }
}

fn listen(listener: StdListener) -> anyhow::Result<UnixListener> {
    UnixListener::from_std(listener).context("cannot listen for commands")
}

async fn accept<H: CommandHandler>(_named: NamedSocket, listener: UnixListener, admission: Admission<H>) {
    let mut stopping = admission.stopping.clone();
    loop {
        let accepted = tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            accepted = listener.accept() => accepted,
        };
        let admitted = match accepted {
            Ok((stream, _)) => admission.admit(stream),
            Err(error) => Err(error.into()),
        };
        if let Err(error) = admitted {
            tracing::warn!(error = crate::terminal::chain(&error), "cannot accept a command");
            sleep(ACCEPT_RETRY_DELAY).await;
        }
    }
}

impl<H: CommandHandler> Admission<H> {
    /// Starts a thread for the connection if its peer may run commands and the limit is not reached. Reads nothing
    /// from it before that.
    fn admit(&self, stream: UnixStream) -> anyhow::Result<()> {
        let credentials = stream.peer_cred()?;
        let peer = Peer { uid: credentials.uid(), pid: credentials.pid() };
        let own = geteuid().as_raw();
        if peer.uid != own && peer.uid != 0 {
            tracing::warn!(uid = peer.uid, pid = peer.pid, "rejected commands of another user");
            reject(
                &stream,
                format!("only the user with id {own}, who runs the server, and root may run commands here"),
            );
            return Ok(());
        }
        let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() else {
            tracing::warn!(
                uid = peer.uid,
                pid = peer.pid,
                "rejected a command: {MAX_COMMANDS} are already running"
            );
            reject(
                &stream,
                format!("the server is already running {MAX_COMMANDS} commands; wait until one has ended"),
            );
            return Ok(());
        };
        self.spawn(stream.into_std()?, peer, slot)
    }

    fn spawn(
        &self,
        stream: std::os::unix::net::UnixStream,
        peer: Peer,
        slot: OwnedSemaphorePermit,
    ) -> anyhow::Result<()> {
        let (handler, store, stopping) =
            (Arc::clone(&self.handler), self.store.clone(), self.stopping.clone());
        let run = move || {
            let _slot = slot;
            let connection = async {
                serve_connection(UnixStream::from_std(stream)?, peer, store, &*handler, stopping).await
            };
            let runtime = Builder::new_current_thread().enable_all().build();
            let served = runtime.map_err(FrameError::from).and_then(|runtime| runtime.block_on(connection));
            if let Err(error) = served {
                let error = crate::terminal::chain(&error.into());
                tracing::warn!(error, uid = peer.uid, pid = peer.pid, "a command connection failed");
            }
        };
        thread::Builder::new()
            .name("roster-command".to_owned())
            .spawn(run)
            .context("cannot start a thread")?;
        Ok(())
    }
}

/// Sends the reason for the rejection, if the socket accepts it without blocking.
fn reject(stream: &UnixStream, error: String) {
    let frame = Event::End(Outcome::Failed { error }).frame();
    if let Ok(bytes) = frame.and_then(|frame| frame.bytes()) {
        let _ = stream.try_write(&bytes);
    }
}
