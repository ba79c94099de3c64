//! A client with one connection, which times its requests.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

/// A connection to a server on 127.0.0.1.
pub(super) struct Client {
    stream: BufReader<TcpStream>,
    address: String,
    token: String,
}

/// A response and how long it took.
pub(super) struct Timed {
    pub(super) millis: f64,
    pub(super) body: String,
}

impl Client {
    /// Connects, to send requests with this access token.
    pub(super) fn new(base: &str, token: &str) -> Result<Self> {
        let address = base.strip_prefix("http://").context("the URL must begin with http://")?;
        ensure!(address.starts_with("127.0.0.1:"), "the benchmark only sends load to 127.0.0.1");
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_mins(1)))?;
        Ok(Self { stream: BufReader::new(stream), address: address.to_owned(), token: token.to_owned() })
    }

    /// Sends a GET, which must succeed.
    pub(super) fn get(&mut self, path: &str) -> Result<Timed> {
        self.send("GET", path, "")
    }

    /// Sends a POST of JSON, which must succeed.
    pub(super) fn post(&mut self, path: &str, body: &str) -> Result<Timed> {
        self.send("POST", path, body)
    }

    /// Sends a PATCH of JSON, which must succeed.
    pub(super) fn patch(&mut self, path: &str, body: &str) -> Result<Timed> {
        self.send("PATCH", path, body)
    }

    fn send(&mut self, method: &str, path: &str, body: &str) -> Result<Timed> {
        let Self { address, token, .. } = self;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let began = Instant::now();
        self.stream.get_mut().write_all(request.as_bytes())?;
        let (status, body) = self.read_response()?;
        let millis = began.elapsed().as_secs_f64() * 1e3;
        ensure!(status.contains(" 20"), "{method} {path}: {status}: {body}");
        Ok(Timed { millis, body })
    }

    /// Reads the first line and the body.
    fn read_response(&mut self) -> Result<(String, String)> {
        let (mut status, mut length) = (String::new(), 0);
        self.stream.read_line(&mut status)?;
        loop {
            let mut line = String::new();
            ensure!(self.stream.read_line(&mut line)? > 0, "the server closed the connection");
            if line == "\r\n" {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok((status.trim().to_owned(), String::from_utf8(body)?))
    }
}
