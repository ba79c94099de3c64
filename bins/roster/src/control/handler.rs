//! What does the work of commands.

use std::future::Future;

use super::console::Console;
use super::message::Outcome;

/// What does the work of commands.
pub(crate) trait CommandHandler: Send + Sync + 'static {
    /// Does what `request` asks for, and says how it ended. May be dropped anywhere.
    fn handle(&self, peer: Peer, request: &[u8], console: &mut Console) -> impl Future<Output = Outcome>;
}

/// Who is at the other end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    /// The user.
    pub(crate) uid: u32,
    /// The process, if the system says.
    pub(crate) pid: Option<i32>,
}
