//! Load from wrk, the Debian package, and its results.

use anyhow::{Context, Result, ensure};
use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use tempfile::NamedTempFile;

/// The results of wrk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    /// Responses with a status below 400.
    pub(crate) good: f64,
    /// Other responses and broken connections.
    pub(crate) bad: f64,
    /// Good responses per second.
    pub(crate) rate: f64,
    /// Milliseconds.
    pub(crate) p99: f64,
}

/// A running wrk.
pub(crate) struct Load {
    child: Child,
    _script: NamedTempFile,
}

const DONE: &str = r"
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('@@ %d %d %d %d\n', summary.requests, summary.duration,
    e.status + e.connect + e.read + e.write + e.timeout, latency:percentile(99)))
end
";

/// # Errors
/// If wrk is not installed.
pub(crate) fn check() -> Result<()> {
    let found = Command::new("wrk").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    found.map(|_| ()).context("wrk is not installed; run: apt-get install wrk")
}

impl Load {
    /// Starts `connections` that send the requests of the Lua `script` to `url`.
    pub(crate) fn start(url: &str, connections: usize, seconds: u64, script: &str) -> Result<Self> {
        ensure!(url.starts_with("http://127.0.0.1:"), "the benchmark only sends load to 127.0.0.1");
        let mut file = NamedTempFile::with_suffix(".lua")?;
        write!(file, "{script}\n{DONE}")?;
        let threads = if connections >= 32 { 2 } else { 1 };
        let child = Command::new("wrk")
            .args([format!("-t{threads}"), format!("-c{connections}"), format!("-d{seconds}s")])
            .args(["--timeout", "30s", "-s"])
            .arg(file.path())
            .arg(url)
            .stdout(Stdio::piped())
            .spawn()?;
        Ok(Self { child, _script: file })
    }

    /// Waits for the end and reads the results.
    pub(crate) fn finish(self) -> Result<Figures> {
        let output = self.child.wait_with_output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let line =
            text.lines().find_map(|line| line.strip_prefix("@@ ")).context("wrk printed no figures")?;
        let numbers: Vec<f64> = line.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        let [requests, micros, bad, p99] = numbers[..] else {
            anyhow::bail!("unexpected output from wrk: {line}")
        };
        let good = requests - bad;
        Ok(Figures { good, bad, rate: good / (micros / 1e6), p99: p99 / 1e3 })
    }
}

/// A script that sends one GET with a bearer token.
pub(crate) fn get(path: &str, token: Option<&str>) -> String {
    let header =
        token.map_or_else(String::new, |token| format!("wrk.headers['Authorization'] = 'Bearer {token}'\n"));
    format!("wrk.path = '{path}'\n{header}")
}
