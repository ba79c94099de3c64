//! What servers that share a database tell each other: which entities have changed. A message is sent after its commit, on
//! a connection of its own: a `NOTIFY` within the transaction would make all commits wait for each other.

mod feed;
mod listener;
mod message;
mod notice_receiver;
mod outbox;
mod shared;

pub(crate) use feed::ChangeFeed;
pub(crate) use message::notify_all;
