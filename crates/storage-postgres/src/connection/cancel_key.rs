//! The key with which statements on a connection can be cancelled. The driver shows it only in a request to cancel, so
//! this writes such a request into memory.

use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::Client;
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};

/// The server process that the key names.
pub(super) async fn process(client: &Client) -> Option<i32> {
    let request = Recording::default();
    client.cancel_token().cancel_query_raw(request.clone(), Plain).await.ok()?;
    // The process and the secret come last, four bytes each.
    let key: [u8; 8] = *request.0.lock().last_chunk()?;
    key.first_chunk().map(|process| i32::from_be_bytes(*process))
}

/// Keeps what is written, and accepts encryption.
#[derive(Clone, Default)]
struct Recording(Arc<Mutex<Vec<u8>>>);

/// Encrypts nothing: the request goes nowhere.
struct Plain;

impl TlsConnect<Recording> for Plain {
    type Stream = Recording;
    type Error = io::Error;
    type Future = Ready<io::Result<Recording>>;

    fn connect(self, stream: Recording) -> Self::Future {
        ready(Ok(stream))
    }
}

impl TlsStream for Recording {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Recording {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        buffer.put_slice(b"S");
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Recording {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.0.lock().extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
