//! An issuer for the tests: a socket with scripted responses.

use super::Endpoint;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Responds to every request with the current script, one after the other.
pub(crate) struct Stub {
    address: SocketAddr,
    inner: Arc<Inner>,
}

type Script = Box<dyn Fn(&str) -> Reply + Send>;

struct Inner {
    script: Mutex<Script>,
    asked: AtomicUsize,
}

/// A response of the stub.
pub(crate) struct Reply {
    status: &'static str,
    headers: &'static str,
    body: String,
}

impl Reply {
    pub(crate) fn json(body: impl Into<String>) -> Self {
        Self { status: "200 OK", headers: "", body: body.into() }
    }

    pub(crate) fn status(status: &'static str) -> Self {
        Self { status, headers: "", body: String::new() }
    }

    pub(crate) fn redirect(headers: &'static str) -> Self {
        Self { status: "302 Found", headers, body: String::new() }
    }
}

impl Stub {
    pub(crate) fn start(script: impl Fn(&str) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let inner = Arc::new(Inner { script: Mutex::new(Box::new(script)), asked: AtomicUsize::new(0) });
        let server = Arc::clone(&inner);
        thread::spawn(move || listener.incoming().for_each(|stream| serve(&server, &stream.unwrap())));
        Self { address, inner }
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        Endpoint::new(&format!("http://{}/", self.address)).unwrap()
    }

    /// Replaces the script.
    pub(crate) fn now(&self, script: impl Fn(&str) -> Reply + Send + 'static) {
        *self.inner.script.lock().unwrap() = Box::new(script);
    }

    /// The number of requests so far.
    pub(crate) fn asked(&self) -> usize {
        self.inner.asked.load(Ordering::SeqCst)
    }
}

fn serve(stub: &Inner, mut stream: &TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut request = String::new();
    while !request.ends_with("\r\n\r\n") {
        assert_ne!(reader.read_line(&mut request).unwrap(), 0, "half a request: {request}");
    }
    let length = request.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body).unwrap();
    request.push_str(&String::from_utf8(body).unwrap());
    stub.asked.fetch_add(1, Ordering::SeqCst);
    let Reply { status, headers, body } = (stub.script.lock().unwrap())(&request);
    let length = body.len();
    // The client may close the connection early.
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
}

/// Waits for something that happens in another thread.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_mins(1), "in vain: waited for {what}");
        thread::sleep(Duration::from_millis(5));
    }
}
