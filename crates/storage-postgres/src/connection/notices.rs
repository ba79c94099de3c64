//! What a connection receives besides answers.

use std::future::poll_fn;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::{AsyncMessage, Connection};

use super::error::reason;

/// Hears the notices of a connection. It is called by the task that drives the connection, so it must not block.
pub(crate) trait Notices: Send + Sync {
    /// A notice, and the server process of its sender.
    fn notice(&self, sender: i32, payload: &str);

    /// The connection has ended by itself, for this reason. Its client is closed.
    fn ended(&self, reason: &str);
}

/// Drives a connection until it ends.
pub(super) async fn drive<S, T>(
    mut connection: Connection<S, T>,
    notices: Option<Arc<dyn Notices>>,
) -> Result<(), tokio_postgres::Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    let Some(notices) = notices else { return connection.await };
    let outcome = loop {
        match poll_fn(|context| connection.poll_message(context)).await {
            Some(Ok(AsyncMessage::Notification(notice))) => {
                notices.notice(notice.process_id(), notice.payload());
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => break Err(error),
            None => break Ok(()),
        }
    };
    drop(connection);
    notices.ended(&outcome.as_ref().map_or_else(reason, |()| "the server closed it".to_owned()));
    outcome
}
