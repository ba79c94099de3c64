//! What the task and its handle share.

use std::sync::atomic::AtomicBool;

use tokio::sync::Notify;

use super::outbox::Outbox;

/// What the task and its handle share.
#[derive(Default)]
pub(super) struct Shared {
    pub(super) outbox: Outbox,
    pub(super) is_listening: AtomicBool,
    /// The feed is to end once everything was sent.
    pub(super) is_closing: AtomicBool,
    pub(super) closing: Notify,
}
