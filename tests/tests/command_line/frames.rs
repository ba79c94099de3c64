//! The protocol of the control socket, written by hand: the handshake and the frames.

use roster_tests::DEADLINE;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;

/// The version of the protocol.
pub(crate) const PROTOCOL: u32 = 3;

pub(crate) const HELLO: u8 = 0;
pub(crate) const REQUEST: u8 = 1;
pub(crate) const INPUT: u8 = 2;
pub(crate) const INPUT_END: u8 = 3;
pub(crate) const ANSWER: u8 = 5;
pub(crate) const PRINT: u8 = 16;
pub(crate) const NOTE: u8 = 17;
pub(crate) const PROGRESS: u8 = 18;
pub(crate) const PULL: u8 = 19;
pub(crate) const ASK: u8 = 20;
pub(crate) const END: u8 = 21;

/// A connection that sends and receives frames.
pub(crate) struct Frames(pub(crate) UnixStream);

impl Frames {
    pub(crate) fn send(&mut self, kind: u8, body: &str) {
        let mut frame = u32::try_from(body.len()).unwrap().to_be_bytes().to_vec();
        frame.push(kind);
        frame.extend_from_slice(body.as_bytes());
        // The server may have closed the connection.
        let _ = self.0.write_all(&frame);
    }

    pub(crate) fn hello(&mut self, protocol: u32) {
        self.send(HELLO, &format!("{{\"protocol\":{protocol},\"version\":\"9.8.7\"}}"));
    }

    /// The next frame; `None` once the connection is closed.
    pub(crate) fn next(&mut self) -> Option<(u8, String)> {
        self.0.set_read_timeout(Some(DEADLINE)).unwrap();
        let mut head = [0; 5];
        self.read(&mut head)?;
        let [length @ .., kind] = head;
        let mut body = vec![0; u32::from_be_bytes(length) as usize];
        self.read(&mut body)?;
        Some((kind, String::from_utf8_lossy(&body).into_owned()))
    }

    fn read(&mut self, bytes: &mut [u8]) -> Option<()> {
        let read = self.0.read_exact(bytes);
        if let Err(error) = &read {
            let is_silent = matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
            assert!(!is_silent, "timed out waiting for a frame or the end of the connection");
        }
        read.ok()
    }
}
