//! A server started by a test.

use crate::client::Client;
use crate::engine::Engine;
use crate::process::Process;
use crate::setup::Setup;
use crate::wait::wait_for;
use rustix::process::Signal;
use serde_json::Value;
use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::thread;
use tempfile::TempDir;

/// A server on a free port in a temporary folder. When dropped, the server is killed and the folder removed.
///
/// It dereferences to its [`Client`].
#[derive(Debug)]
pub struct Server {
    client: Client,
    /// `None` between a stop and the next start.
    process: Option<Process>,
    setup: Setup,
    folder: TempDir,
}

impl Server {
    /// Starts a server with the settings of the tests.
    #[must_use]
    pub fn start() -> Self {
        Setup::new().start()
    }

    fn with(setup: Setup) -> Self {
        let folder = tempfile::Builder::new().prefix("roster-test-").tempdir().unwrap();
        let process = Process::start(setup.command(folder.path()), folder.path());
        let client = Client::new(&process.base);
        Self { client, process: Some(process), setup, folder }
    }

    /// Restarts the server on the same data and another port.
    pub fn restart(&mut self) {
        if self.process.is_some() {
            let status = self.stop();
            assert!(status.success(), "{status}");
        }
        let process = Process::start(self.setup.command(self.folder.path()), self.folder.path());
        self.client = Client::new(&process.base);
        self.process = Some(process);
    }

    /// Restarts the server with changed settings.
    pub fn restart_with(&mut self, change: impl FnOnce(Setup) -> Setup) {
        self.setup = change(self.setup.clone());
        self.restart();
    }

    /// Kills the server with SIGKILL.
    pub fn kill(&mut self) {
        drop(self.process.take().expect("the server runs"));
    }

    /// Sends SIGTERM and waits for the exit.
    pub fn stop(&mut self) -> ExitStatus {
        // The server would wait for idle connections.
        self.client.close_idle_connections();
        self.process.take().expect("the server runs").stop()
    }

    /// Waits for the exit after [`Self::ask_to_stop`] or a signal.
    pub fn wait_until_stopped(&mut self) -> ExitStatus {
        self.client.close_idle_connections();
        self.process.take().expect("the server runs").wait()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        self.process.as_ref().expect("the server runs").signal(signal);
    }

    /// Overwrites `roster.toml`.
    pub fn write_settings_file(&self, text: &str) {
        fs::write(self.folder().join("roster.toml"), text).unwrap();
    }

    /// Sends SIGTERM and does not wait.
    pub fn ask_to_stop(&self) {
        self.process.as_ref().expect("the server runs").ask_to_stop();
    }

    /// Whether the process is still running.
    #[must_use]
    pub fn is_running(&mut self) -> bool {
        self.process.as_mut().is_some_and(Process::is_running)
    }

    /// A client for another thread.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// The working directory of the server.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The data folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.setup.data_in(self.folder.path())
    }

    /// The settings of another server on the same database, with a data folder of its own.
    #[must_use]
    pub fn replica(&self) -> Setup {
        self.setup.clone().set("storage.url", &self.database_url())
    }

    /// The URL of the database.
    #[must_use]
    pub fn database_url(&self) -> String {
        self.setup.database_url(self.folder())
    }

    /// The settings.
    #[must_use]
    pub const fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Everything logged to stderr.
    #[must_use]
    pub fn stderr(&self) -> String {
        fs::read_to_string(self.folder().join("stderr.log")).unwrap()
    }

    /// Waits until the log contains `text`: the server writes log lines in batches, a moment after the event.
    ///
    /// # Panics
    /// If that does not happen.
    pub fn must_log(&self, text: &str) {
        wait_for(&format!("\"{text}\" in the log"), || self.stderr().contains(text).then_some(()));
    }

    /// Everything printed to stdout.
    #[must_use]
    pub fn stdout(&self) -> String {
        fs::read_to_string(self.folder().join("stdout.log")).unwrap()
    }

    /// The stored users. In users.json, they are those of the last snapshot.
    #[must_use]
    pub fn stored_users(&self) -> Vec<Value> {
        if self.setup.kept_by() != Engine::Json {
            return self.backed_up("user");
        }
        let text = fs::read(self.data().join("users.json")).unwrap();
        let mut document: Value = serde_json::from_slice(&text).expect("users.json parses");
        serde_json::from_value(document["users"].take()).unwrap()
    }

    /// The stored audit records, oldest first. In audit.ndjson, they are those of the last snapshot.
    #[must_use]
    pub fn audit_log(&self) -> Vec<Value> {
        if self.setup.kept_by() != Engine::Json {
            return self.backed_up("audit");
        }
        let text = fs::read_to_string(self.data().join("audit.ndjson")).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).expect("each line of audit.ndjson parses"))
            .collect()
    }
}

impl Server {
    /// The items of this kind in a backup.
    fn backed_up(&self, kind: &str) -> Vec<Value> {
        let mut command = self.setup.command(self.folder());
        let output = command.args(["backup", "-", "--without-keys"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        // One line that is not compressed, and a stream of lines that is.
        let end = output.stdout.iter().position(|byte| *byte == b'\n').expect("the first line of a backup");
        let lines = zstd::decode_all(&output.stdout[end + 1..]).expect("the lines of a backup");
        let lines = String::from_utf8(lines).expect("a backup is UTF-8");
        let items = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("each line parses"));
        items.filter_map(|mut line| line.get_mut(kind).map(Value::take)).collect()
    }
}

impl Setup {
    /// Starts a server with these settings.
    ///
    /// # Panics
    /// If the server does not start. The message includes its log.
    #[must_use]
    pub fn start(self) -> Server {
        Server::with(self)
    }
}

impl Deref for Server {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("stderr of the server:\n{}", self.stderr());
        }
        // An instrumented binary writes its coverage profile only when it exits normally.
        #[expect(clippy::disallowed_methods, reason = "coverage is measured through a variable of the tests")]
        if std::env::var_os("LLVM_PROFILE_FILE").is_some() && self.process.is_some() && !thread::panicking() {
            self.stop();
        }
    }
}
