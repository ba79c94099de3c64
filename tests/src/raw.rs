//! Raw bytes that no HTTP client would send.

use crate::wait::DEADLINE;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;

/// A raw response, empty if the connection was closed without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawResponse {
    /// All received bytes as text.
    pub text: String,
}

impl RawResponse {
    /// The status, if there was a response.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.text.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
    }

    /// Whether the server rejected the request, with a 4xx or by closing the connection.
    #[must_use]
    pub fn is_rejection(&self) -> bool {
        self.text.is_empty() || self.status().is_some_and(|status| (400..500).contains(&status))
    }
}

/// Sends bytes and receives until the response is complete or the connection is closed.
///
/// # Panics
/// If neither happens in time.
#[must_use]
pub fn send(address: SocketAddr, bytes: &[u8]) -> RawResponse {
    let mut stream = connect(address);
    let mut writer = stream.try_clone().unwrap();
    thread::scope(|scope| {
        // The server may respond and close the connection before it has read everything.
        scope.spawn(move || writer.write_all(bytes));
        let response = receive(&mut stream);
        let _ = stream.shutdown(Shutdown::Both);
        response
    })
}

/// Sends bytes and closes the connection without waiting.
pub fn send_and_close(address: SocketAddr, bytes: &[u8]) {
    let mut stream = connect(address);
    let _ = stream.write_all(bytes);
}

/// Opens a connection.
#[must_use]
pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("the server listens");
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream
}

/// Receives one response, or everything until the connection is closed.
///
/// # Panics
/// If neither happens in time.
pub fn receive(stream: &mut TcpStream) -> RawResponse {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 8192]);
    loop {
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
            Err(error) => panic!("neither a response nor a closed connection: {error}; received {bytes:?}"),
        }
        if is_complete(&bytes) {
            break;
        }
    }
    RawResponse { text: String::from_utf8_lossy(&bytes).into_owned() }
}

fn is_complete(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    length.is_some_and(|length| body.len() >= length)
}
