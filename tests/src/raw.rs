//! What no HTTP client would say.

use crate::wait::DEADLINE;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;

/// What came back: nothing, if the connection was closed without a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawAnswer {
    /// All bytes, as text.
    pub text: String,
}

impl RawAnswer {
    /// The status, if there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.text.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
    }

    /// Whether the server refused, by a 4xx or by closing the connection.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        self.text.is_empty() || self.status().is_some_and(|status| (400..500).contains(&status))
    }
}

/// Sends bytes and receives until the answer is whole or the connection is closed.
///
/// # Panics
/// If neither happens in time.
#[must_use]
pub fn say(address: SocketAddr, bytes: &[u8]) -> RawAnswer {
    let mut stream = connect(address);
    let mut writer = stream.try_clone().unwrap();
    thread::scope(|scope| {
        // The server may close before it has read everything; it has answered then, or chose not to.
        scope.spawn(move || writer.write_all(bytes));
        let answer = receive(&mut stream);
        let _ = stream.shutdown(Shutdown::Both);
        answer
    })
}

/// Sends bytes and goes away without waiting.
pub fn say_and_leave(address: SocketAddr, bytes: &[u8]) {
    let mut stream = connect(address);
    let _ = stream.write_all(bytes);
}

/// Opens a connection, to be held.
#[must_use]
pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("the server listens");
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream
}

/// Receives one answer, or whatever there is until the connection is closed.
///
/// # Panics
/// If neither happens in time.
pub fn receive(stream: &mut TcpStream) -> RawAnswer {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 8192]);
    loop {
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
            Err(error) => panic!("neither an answer nor an end: {error}; so far {bytes:?}"),
        }
        if is_whole(&bytes) {
            break;
        }
    }
    RawAnswer { text: String::from_utf8_lossy(&bytes).into_owned() }
}

fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    length.is_some_and(|length| body.len() >= length)
}
