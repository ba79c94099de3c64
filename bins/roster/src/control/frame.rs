//! Frames: the length of the body (four bytes, big-endian), the kind (one byte), and the body.

use std::io;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use zeroize::Zeroizing;

/// The maximum length of a frame's body, in bytes.
pub(super) const MAX_BODY: usize = 1 << 20;

/// How long the rest of a frame may take after its first byte has arrived.
const FRAME_TIMEOUT: Duration = Duration::from_secs(10);

/// The size of the length and the kind, in bytes.
const HEADER: usize = 5;

/// One message. Its body may contain a password, so it is wiped when it is dropped.
pub(super) struct Frame {
    /// The type of the body.
    pub(super) kind: u8,
    body: Zeroizing<Vec<u8>>,
}

/// Why the exchange of frames failed.
#[derive(Debug, Error)]
pub(super) enum FrameError {
    /// The socket failed, or the other end closed it in the middle of a frame.
    #[error("the connection is broken")]
    Io(#[from] io::Error),
    /// A frame did not arrive in full in time.
    #[error("a message did not arrive in full within {} seconds", FRAME_TIMEOUT.as_secs())]
    Slow,
    /// A frame is longer than the limit.
    #[error("a message of {0} bytes is longer than the limit of {MAX_BODY}")]
    TooLong(usize),
    /// A frame of a kind that is not expected here.
    #[error("a message of kind {0} is not expected here")]
    Unknown(u8),
    /// A body that does not match its kind.
    #[error("a message is malformed")]
    Malformed(#[from] serde_json::Error),
    /// A text that is not UTF-8.
    #[error("a message is not UTF-8")]
    NotText,
}

impl Frame {
    pub(super) fn new(kind: u8, body: Vec<u8>) -> Self {
        Self { kind, body: Zeroizing::new(body) }
    }

    /// Creates a frame with this text, truncated to the maximum length.
    pub(super) fn text(kind: u8, mut text: String) -> Self {
        text.truncate(text.floor_char_boundary(MAX_BODY));
        Self::new(kind, text.into_bytes())
    }

    /// # Errors
    /// [`FrameError::Malformed`] if the value cannot be serialized; [`FrameError::TooLong`].
    pub(super) fn json(kind: u8, value: &impl Serialize) -> Result<Self, FrameError> {
        let frame = Self::new(kind, serde_json::to_vec(value)?);
        if frame.body.len() > MAX_BODY { Err(FrameError::TooLong(frame.body.len())) } else { Ok(frame) }
    }

    /// # Errors
    /// [`FrameError::Malformed`].
    pub(super) fn parse<T: DeserializeOwned>(&self) -> Result<T, FrameError> {
        Ok(serde_json::from_slice(&self.body)?)
    }

    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    /// The encoded frame.
    ///
    /// # Errors
    /// [`FrameError::TooLong`].
    pub(super) fn bytes(&self) -> Result<Zeroizing<Vec<u8>>, FrameError> {
        let length = u32::try_from(self.body.len()).map_err(|_| FrameError::TooLong(self.body.len()))?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(HEADER + self.body.len()));
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.push(self.kind);
        bytes.extend_from_slice(&self.body);
        Ok(bytes)
    }

    pub(super) fn into_body(mut self) -> Vec<u8> {
        std::mem::take(&mut *self.body)
    }

    /// # Errors
    /// [`FrameError::NotText`].
    pub(super) fn into_text(self) -> Result<String, FrameError> {
        String::from_utf8(self.into_body()).map_err(|_| FrameError::NotText)
    }
}

/// Reads one frame; `None` at the end of the stream. Waits indefinitely for the first byte, and ten seconds for the
/// rest. Not cancel safe: bytes that were already read are lost.
///
/// # Errors
/// [`FrameError`].
pub(super) async fn read_frame(stream: &mut (impl AsyncRead + Unpin)) -> Result<Option<Frame>, FrameError> {
    let mut head = [0; HEADER];
    if stream.read(&mut head[..1]).await? == 0 {
        return Ok(None);
    }
    timeout(FRAME_TIMEOUT, read_rest(stream, head)).await.map_err(|_| FrameError::Slow)?.map(Some)
}

async fn read_rest(
    stream: &mut (impl AsyncRead + Unpin),
    mut head: [u8; HEADER],
) -> Result<Frame, FrameError> {
    stream.read_exact(&mut head[1..]).await?;
    let [length @ .., kind] = head;
    let length = u32::from_be_bytes(length) as usize;
    if length > MAX_BODY {
        return Err(FrameError::TooLong(length));
    }
    let mut body = Zeroizing::new(vec![0; length]);
    stream.read_exact(&mut body).await?;
    Ok(Frame { kind, body })
}

/// Writes frames. The next write resumes a cancelled one, so the stream never contains a partial frame.
pub(super) struct FrameWriter<W> {
    stream: W,
    pending: Zeroizing<Vec<u8>>,
    written: usize,
}

impl<W: AsyncWrite + Unpin> FrameWriter<W> {
    pub(super) fn new(stream: W) -> Self {
        Self { stream, pending: Zeroizing::default(), written: 0 }
    }

    /// Writes a frame, after any remaining bytes of the previous one.
    ///
    /// # Errors
    /// [`FrameError::Io`]; [`FrameError::TooLong`].
    pub(super) async fn write(&mut self, frame: &Frame) -> Result<(), FrameError> {
        let bytes = frame.bytes()?;
        self.flush().await?;
        self.pending = bytes;
        self.flush().await
    }

    /// Writes the pending bytes.
    ///
    /// # Errors
    /// [`FrameError::Io`].
    async fn flush(&mut self) -> Result<(), FrameError> {
        while self.written < self.pending.len() {
            let written = self.stream.write(&self.pending[self.written..]).await?;
            if written == 0 {
                return Err(io::Error::from(io::ErrorKind::WriteZero).into());
            }
            self.written += written;
        }
        // Replacing the buffer wipes the written bytes.
        (self.pending, self.written) = (Zeroizing::default(), 0);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::duplex;

    #[tokio::test]
    async fn frames_arrive_complete_followed_by_the_end_of_the_stream() {
        let (near, mut far) = duplex(8);
        let writing = async {
            let mut writer = FrameWriter::new(near);
            writer.write(&Frame::new(7, vec![1; 100])).await.unwrap();
            writer.write(&Frame::new(8, Vec::new())).await.unwrap();
        };
        let reading = async {
            let mut next =
                async || read_frame(&mut far).await.unwrap().map(|frame| (frame.kind, frame.into_body()));
            assert_eq!(next().await, Some((7, vec![1; 100])));
            assert_eq!(next().await, Some((8, Vec::new())));
            assert_eq!(next().await, None);
        };
        tokio::join!(writing, reading);
    }

    #[tokio::test(start_paused = true)]
    async fn a_frame_must_arrive_in_full_in_time() {
        let (mut near, mut far) = duplex(64);
        near.write_all(&[0, 0]).await.unwrap();
        assert!(matches!(read_frame(&mut far).await, Err(FrameError::Slow)));
    }

    #[tokio::test]
    async fn a_frame_longer_than_the_limit_is_rejected_before_memory_is_allocated_for_it() {
        let (mut near, mut far) = duplex(64);
        near.write_all(&[255, 255, 255, 255, 1]).await.unwrap();
        assert!(matches!(read_frame(&mut far).await, Err(FrameError::TooLong(4_294_967_295))));
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_write_is_resumed() {
        let (near, mut far) = duplex(16);
        let mut writer = FrameWriter::new(near);
        let first = Frame::new(1, vec![9; 40]);
        assert!(timeout(Duration::from_millis(1), writer.write(&first)).await.is_err());
        let writing = async { writer.write(&Frame::new(2, vec![8; 40])).await.unwrap() };
        let reading = async {
            for (kind, byte) in [(1, 9), (2, 8)] {
                let frame = read_frame(&mut far).await.unwrap().unwrap();
                assert_eq!((frame.kind, frame.into_body()), (kind, vec![byte; 40]));
            }
        };
        tokio::join!(writing, reading);
    }
}
