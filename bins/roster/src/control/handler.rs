//! The interface between the socket and the commands.

use std::future::Future;

use super::console::Console;
use super::message::Outcome;

/// Executes commands.
pub(crate) trait CommandHandler: Send + Sync + 'static {
    /// Executes `request` and returns its outcome. May be cancelled at any point.
    fn handle(&self, peer: Peer, request: &[u8], console: &mut Console) -> impl Future<Output = Outcome>;
}

/// The process at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    /// The uid of the process.
    pub(crate) uid: u32,
    /// The pid of the process, if the system reports it.
    pub(crate) pid: Option<i32>,
}
