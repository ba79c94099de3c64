//! A store that a server leaves to a command, and opens again when the command has ended.

use std::os::fd::OwnedFd;

use anyhow::Context as _;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use tokio::io::unix::AsyncFd;
use tokio::sync::mpsc;

use crate::runtime::runtime;
use crate::signals::StopRequest;

/// A process that takes over the store.
#[derive(Debug)]
pub(crate) struct Successor {
    pid: i32,
    process: OwnedFd,
}

/// How a server has ended.
pub(crate) enum Ended {
    /// A signal has requested the stop.
    Stopped,
    /// A command has the store.
    HandedOver(Successor),
}

/// How the wait for a command has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// The command has ended, so the store can be opened.
    CommandEnded,
    /// A signal has requested the stop.
    Stopped,
}

/// Passes on the requests of commands.
#[derive(Clone)]
pub(crate) struct HandoverRequests(mpsc::Sender<Successor>);

/// Waits for the command that has the store. New connections wait, too.
///
/// # Errors
/// If the system cannot watch it.
pub(crate) fn await_end(successor: Successor, stop: &mut StopRequest) -> anyhow::Result<Wait> {
    tracing::info!(pid = successor.pid, "left the store to a command; waiting for its end");
    runtime()?.block_on(async {
        tokio::select! {
            ended = successor.ended() => ended.map(|()| Wait::CommandEnded),
            _ = stop.requested() => Ok(Wait::Stopped),
        }
    })
}

impl Successor {
    /// The running process with this id.
    ///
    /// # Errors
    /// If it belongs to another namespace, or the system cannot watch it.
    pub(crate) fn of(pid: Option<i32>) -> anyhow::Result<Self> {
        let unknown = "the process of the command is unknown here, so the server cannot wait for it; stop the server instead";
        let (pid, id) = pid.and_then(|pid| Some((pid, Pid::from_raw(pid)?))).context(unknown)?;
        Ok(Self { pid, process: pidfd_open(id, PidfdFlags::NONBLOCK).context(unknown)? })
    }

    /// Waits until the process has ended, however it ends.
    ///
    /// # Errors
    /// If the system cannot watch it.
    async fn ended(self) -> anyhow::Result<()> {
        #[expect(
            deprecated,
            reason = "it is unsound for types that return changing descriptors; OwnedFd has one"
        )]
        let process = AsyncFd::new(self.process)?;
        process.readable().await?.retain_ready();
        Ok(())
    }
}

impl HandoverRequests {
    /// A channel for one request.
    pub(crate) fn channel() -> (Self, mpsc::Receiver<Successor>) {
        let (sender, receiver) = mpsc::channel(1);
        (Self(sender), receiver)
    }

    /// Asks the server to leave the store to this process.
    ///
    /// # Errors
    /// If it stops already, or leaves the store to another one.
    pub(crate) fn request(&self, successor: Successor) -> anyhow::Result<()> {
        self.0
            .try_send(successor)
            .ok()
            .context("the server is about to stop, or to leave its store to another command")
    }
}
