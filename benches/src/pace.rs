//! Reads at a fixed rate. Each is timed from when it was due, so that a slow response does not hide the delay of the
//! requests behind it.

use anyhow::{Context, Result, ensure};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

const CONNECTIONS: u32 = 16;

/// Latencies in milliseconds, sorted.
pub(crate) struct Latencies(Vec<f64>);

impl Latencies {
    pub(crate) fn new(mut millis: Vec<f64>) -> Self {
        millis.sort_by(f64::total_cmp);
        Self(millis)
    }

    /// The latency that this share of the reads did not exceed.
    pub(crate) fn percentile(&self, share: f64) -> f64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an index into a few thousand figures"
        )]
        let index = (self.0.len() as f64 * share) as usize;
        self.0.get(index.min(self.0.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
    }

    /// The number of reads.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }
}

/// Sends `rate` reads per second for `length`, spread over a few connections.
pub(crate) fn reads(base: &str, path: &str, token: &str, rate: u32, length: Duration) -> Result<Latencies> {
    let address = base.strip_prefix("http://").context("the URL must begin with http://")?.to_owned();
    ensure!(address.starts_with("127.0.0.1:"), "the benchmark only sends load to 127.0.0.1");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n");
    let gap = Duration::from_secs(1) * CONNECTIONS / rate;
    let began = Instant::now();
    let clients: Vec<_> = (0..CONNECTIONS)
        .map(|n| {
            let (address, request) = (address.clone(), request.clone());
            thread::spawn(move || client(&address, &request, began + gap * n / CONNECTIONS, gap, length))
        })
        .collect();
    let mut all = Vec::new();
    for client in clients {
        all.extend(client.join().map_err(|_| anyhow::anyhow!("a client panicked"))??);
    }
    Ok(Latencies::new(all))
}

fn client(address: &str, request: &str, first: Instant, gap: Duration, length: Duration) -> Result<Vec<f64>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut latencies = Vec::new();
    let mut due = first;
    while due < first + length {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        stream.write_all(request.as_bytes())?;
        read_response(&mut stream)?;
        latencies.push(due.elapsed().as_secs_f64() * 1e3);
        due += gap;
    }
    Ok(latencies)
}

/// Reads one response: the head, and as many bytes as it announces.
fn read_response(stream: &mut TcpStream) -> Result<()> {
    let mut seen = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = stream.read(&mut chunk)?;
        ensure!(read > 0, "the server closed the connection");
        seen.extend_from_slice(&chunk[..read]);
        let Some(head) = seen.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&seen[..head]).to_ascii_lowercase();
        ensure!(text.starts_with("http/1.1 200"), "{}", text.lines().next().unwrap_or_default());
        let length: usize = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .context("the response has no Content-Length")?
            .trim()
            .parse()?;
        if seen.len() >= head + 4 + length {
            return Ok(());
        }
    }
}
