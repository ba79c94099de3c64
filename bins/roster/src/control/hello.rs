//! The handshake: the first frame of each side. Its format is the same in every version of the protocol.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::frame::{Frame, FrameError};

/// The version of the protocol after the handshake. Increment it whenever a request, an event or a reply changes.
pub(super) const PROTOCOL: u32 = 3;

/// The kind of a frame that contains a hello.
pub(super) const HELLO: u8 = 0;

/// The kind of a frame that contains a request.
pub(super) const REQUEST: u8 = 1;

/// The hello of one side. This version ignores fields that a later version adds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hello {
    /// The version of the protocol.
    pub(super) protocol: u32,
    /// The version of Roster.
    pub(super) version: String,
    /// The store of the server; a client sends none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) store: Option<StoreId>,
}

/// Identifies a store on this machine: its folder or file, regardless of where that is mounted, and its database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoreId {
    device: u64,
    inode: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    database: Option<String>,
}

impl StoreId {
    /// The id of the store in this folder or file, or in this database.
    ///
    /// # Errors
    /// If the folder or file cannot be accessed.
    pub(crate) fn of(path: &Path, database: Option<String>) -> io::Result<Self> {
        let found = fs::metadata(path)?;
        Ok(Self { device: found.dev(), inode: found.ino(), database })
    }
}

impl Hello {
    /// The hello of this process.
    pub(super) fn own(store: Option<StoreId>) -> Self {
        Self { protocol: PROTOCOL, version: env!("CARGO_PKG_VERSION").to_owned(), store }
    }

    /// # Errors
    /// None in practice: a hello can always be serialized.
    pub(super) fn frame(&self) -> Result<Frame, FrameError> {
        Frame::json(HELLO, self)
    }

    /// # Errors
    /// [`FrameError`] if the frame contains no hello.
    pub(super) fn from_frame(frame: &Frame) -> Result<Self, FrameError> {
        if frame.kind == HELLO { frame.parse() } else { Err(FrameError::Unknown(frame.kind)) }
    }

    /// If a client with this hello and the server with the hello `server` are incompatible, returns the reason and how to
    /// fix it.
    pub(super) fn mismatch(&self, server: &Self) -> Option<String> {
        let (age, remedy) = match self.protocol.cmp(&server.protocol) {
            std::cmp::Ordering::Equal => return None,
            std::cmp::Ordering::Less => ("newer", "run the command with the executable that the server uses"),
            std::cmp::Ordering::Greater => ("older", "restart the server with this version"),
        };
        Some(format!(
            "the server is Roster {} and {age} than this command, Roster {}: they use versions {} and {} of the command \
             protocol; {remedy}, or stop the server and run the command again",
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
    fn the_error_for_different_versions_says_which_is_older_and_what_to_do() {
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
    fn a_hello_from_a_later_version_can_be_parsed() {
        let later = Frame::new(HELLO, br#"{"protocol":9,"version":"3.0.0","features":["x"]}"#.to_vec());
        assert_eq!(Hello::from_frame(&later).unwrap(), hello(9, "3.0.0"));
    }
}
