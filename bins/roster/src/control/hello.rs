//! Who speaks: the first frame of each side. Its form is the same in every version of the protocol.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::frame::{Frame, FrameError};

/// The version of everything that follows the greetings. Any change of a request, an event or a reply is a new one.
pub(super) const PROTOCOL: u32 = 1;

/// The kind of a frame with a greeting.
pub(super) const HELLO: u8 = 0;

/// The kind of a frame with a request.
pub(super) const REQUEST: u8 = 1;

/// A greeting. Fields that a later version adds are ignored by this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hello {
    /// The version of the protocol.
    pub(super) protocol: u32,
    /// The version of Roster.
    pub(super) version: String,
    /// Which store a server keeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) store: Option<StoreId>,
}

/// Names the folder of a store on this machine, however it is mounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoreId {
    device: u64,
    inode: u64,
}

impl StoreId {
    /// That of the store in this folder.
    ///
    /// # Errors
    /// If the folder is out of reach.
    pub(crate) fn of(folder: &Path) -> io::Result<Self> {
        let found = fs::metadata(folder)?;
        Ok(Self { device: found.dev(), inode: found.ino() })
    }
}

impl Hello {
    /// That of this process.
    pub(super) fn own(store: Option<StoreId>) -> Self {
        Self { protocol: PROTOCOL, version: env!("CARGO_PKG_VERSION").to_owned(), store }
    }

    /// # Errors
    /// None in practice: a greeting has a form in JSON.
    pub(super) fn frame(&self) -> Result<Frame, FrameError> {
        Frame::json(HELLO, self)
    }

    /// # Errors
    /// [`FrameError`], if it is no greeting.
    pub(super) fn from_frame(frame: &Frame) -> Result<Self, FrameError> {
        if frame.kind == HELLO { frame.parse() } else { Err(FrameError::Unknown(frame.kind)) }
    }

    /// Why a command line that sends this greeting and a server that sends `server` cannot work together, and what to
    /// do; `None` if they can.
    pub(super) fn mismatch(&self, server: &Self) -> Option<String> {
        let (age, remedy) = match self.protocol.cmp(&server.protocol) {
            std::cmp::Ordering::Equal => return None,
            std::cmp::Ordering::Less => {
                ("newer", "run the command with the executable of the server's version")
            }
            std::cmp::Ordering::Greater => ("older", "restart the server with this version"),
        };
        Some(format!(
            "the server is Roster {} and {age} than this command line, Roster {}: they speak versions {} and {} of the \
             protocol for commands; {remedy}, or stop the server and run the command again",
            server.version, self.version, server.protocol, self.protocol
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello(protocol: u32, version: &str) -> Hello {
        Hello { protocol, version: version.to_owned(), store: None }
    }

    #[test]
    fn versions_that_differ_say_which_is_older_and_what_to_do() {
        let message = hello(1, "0.1.0").mismatch(&hello(2, "0.2.0")).unwrap();
        assert!(
            message.contains("server is Roster 0.2.0 and newer") && message.contains("executable"),
            "{message}"
        );
        let message = hello(2, "0.2.0").mismatch(&hello(1, "0.1.0")).unwrap();
        assert!(
            message.contains("server is Roster 0.1.0 and older") && message.contains("restart the server"),
            "{message}"
        );
        assert_eq!(hello(1, "0.1.0").mismatch(&hello(1, "0.1.7")), None);
    }

    #[test]
    fn a_greeting_of_a_later_version_can_be_read() {
        let later = Frame::new(HELLO, br#"{"protocol":9,"version":"3.0.0","features":["x"]}"#.to_vec());
        assert_eq!(Hello::from_frame(&later).unwrap(), hello(9, "3.0.0"));
    }
}
