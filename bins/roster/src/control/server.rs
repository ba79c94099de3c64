//! The server's side: who may connect, and how many.

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

/// How many commands may run at once, each on a thread of its own.
const COMMANDS: u32 = 16;

/// How long a stop waits for commands: longer than each of them needs to notice.
const STOPPED_WITHIN: Duration = Duration::from_secs(4);

/// How long the loop rests after a connection could not be accepted, as when files are exhausted.
const REST: Duration = Duration::from_millis(200);

/// The listener for commands. It goes on until it is stopped.
pub(crate) struct ControlServer {
    stopping: watch::Sender<bool>,
    accepting: JoinHandle<()>,
    slots: Arc<Semaphore>,
}

/// What each connection gets.
struct Admission<H> {
    handler: Arc<H>,
    store: StoreId,
    slots: Arc<Semaphore>,
    stopping: watch::Receiver<bool>,
}

impl ControlServer {
    /// Listens on a socket at `path` and lets `handler` do what commands ask for, about the store in `folder`, whose lock
    /// this process holds.
    ///
    /// # Errors
    /// If there can be no socket.
    pub(crate) fn start(path: &Path, folder: &Path, handler: impl CommandHandler) -> anyhow::Result<Self> {
        let is_in_folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()) == Some(folder);
        let present = if is_in_folder { ExistingSocket::IsStale } else { ExistingSocket::MayBeInUse };
        let bound = NamedSocket::bind(path, present).and_then(|bound| Ok((bound, StoreId::of(folder)?)));
        let ((named, listener), store) = bound.with_context(|| {
            format!(
                "cannot listen for commands on \"{}\"; set server.control_socket to another path",
                path.display()
            )
        })?;
        let (stopping, stop) = watch::channel(false);
        let slots = Arc::new(Semaphore::new(COMMANDS as usize));
        let admission =
            Admission { handler: Arc::new(handler), store, slots: Arc::clone(&slots), stopping: stop };
        let accepting = tokio::spawn(accept(named, listen(listener)?, admission));
        Ok(Self { stopping, accepting, slots })
    }

    /// Takes no more commands, gives those that run a moment, then ends them and tells their terminals. Takes a few
    /// seconds at most.
    pub(crate) async fn stop(self) {
        let _ = self.stopping.send(true);
        if let Err(error) = self.accepting.await {
            tracing::error!(%error, "the listener for commands failed");
        }
        if timeout(STOPPED_WITHIN, self.slots.acquire_many(COMMANDS)).await.is_err() {
            tracing::warn!("commands still run and are cut off");
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
            tracing::warn!(error = crate::terminal::chain(&error), "cannot take a command");
            sleep(REST).await;
        }
    }
}

impl<H: CommandHandler> Admission<H> {
    /// Starts a thread for the connection, if its peer may run commands and there is room. Nothing was read from it.
    fn admit(&self, stream: UnixStream) -> anyhow::Result<()> {
        let credentials = stream.peer_cred()?;
        let peer = Peer { uid: credentials.uid(), pid: credentials.pid() };
        let own = geteuid().as_raw();
        if peer.uid != own && peer.uid != 0 {
            tracing::warn!(uid = peer.uid, pid = peer.pid, "refused commands of another user");
            refuse(
                &stream,
                format!("only the user with id {own}, who runs the server, and root may run commands here"),
            );
            return Ok(());
        }
        let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() else {
            tracing::warn!(uid = peer.uid, pid = peer.pid, "refused a command: {COMMANDS} run already");
            refuse(&stream, format!("the server runs {COMMANDS} commands already; wait until one has ended"));
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
        let (handler, store, stopping) = (Arc::clone(&self.handler), self.store, self.stopping.clone());
        let run = move || {
            let _slot = slot;
            let conversation = async {
                serve_connection(UnixStream::from_std(stream)?, peer, store, &*handler, stopping).await
            };
            let runtime = Builder::new_current_thread().enable_all().build();
            let ended = runtime.map_err(FrameError::from).and_then(|runtime| runtime.block_on(conversation));
            if let Err(error) = ended {
                let error = crate::terminal::chain(&error.into());
                tracing::warn!(error, uid = peer.uid, pid = peer.pid, "a connection for commands failed");
            }
        };
        thread::Builder::new()
            .name("roster-command".to_owned())
            .spawn(run)
            .context("cannot start a thread")?;
        Ok(())
    }
}

/// Says why, as far as that can be said at once.
fn refuse(stream: &UnixStream, error: String) {
    let frame = Event::End(Outcome::Failed { error }).frame();
    if let Ok(bytes) = frame.and_then(|frame| frame.bytes()) {
        let _ = stream.try_write(&bytes);
    }
}
