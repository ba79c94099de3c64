//! A server that a test has started.

use crate::client::Client;
use crate::process::Process;
use crate::setup::Setup;
use rustix::process::Signal;
use serde_json::Value;
use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::thread;
use tempfile::TempDir;

/// A server on a free port, with a folder of its own. It is killed when dropped, and so is the folder.
///
/// It dereferences to a [`Client`] of itself.
#[derive(Debug)]
pub struct Server {
    client: Client,
    /// None between a stop and the next start.
    process: Option<Process>,
    setup: Setup,
    folder: TempDir,
}

impl Server {
    /// Starts one with the tests' settings.
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

    /// Starts it anew on the same data, on another port, after stopping it if it still runs.
    pub fn restart(&mut self) {
        if self.process.is_some() {
            let status = self.stop();
            assert!(status.success(), "{status}");
        }
        let process = Process::start(self.setup.command(self.folder.path()), self.folder.path());
        self.client = Client::new(&process.base);
        self.process = Some(process);
    }

    /// Starts it anew with other settings.
    pub fn restart_with(&mut self, change: impl FnOnce(Setup) -> Setup) {
        self.setup = change(self.setup.clone());
        self.restart();
    }

    /// Ends it as a power cut would: SIGKILL.
    pub fn kill(&mut self) {
        drop(self.process.take().expect("the server runs"));
    }

    /// Asks it to stop, SIGTERM, and waits until it has.
    pub fn stop(&mut self) -> ExitStatus {
        // A connection that is kept for later would be waited for.
        self.client.hang_up();
        self.process.take().expect("the server runs").stop()
    }

    /// Waits until it has stopped, after it was asked to.
    pub fn stopped(&mut self) -> ExitStatus {
        self.client.hang_up();
        self.process.take().expect("the server runs").ended()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        self.process.as_ref().expect("the server runs").signal(signal);
    }

    /// Writes its `roster.toml` anew.
    pub fn rewrite_file(&self, text: &str) {
        fs::write(self.folder().join("roster.toml"), text).unwrap();
    }

    /// Asks it to stop, and does not wait.
    pub fn ask_to_stop(&self) {
        self.process.as_ref().expect("the server runs").ask_to_stop();
    }

    /// Whether the process is still there.
    #[must_use]
    pub fn is_running(&mut self) -> bool {
        self.process.as_mut().is_some_and(Process::is_running)
    }

    /// A client of its own, for another thread.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// The folder it runs in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where its data is.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.setup.data_in(self.folder.path())
    }

    /// How it was set up.
    #[must_use]
    pub const fn setup(&self) -> &Setup {
        &self.setup
    }

    /// All that it has logged.
    #[must_use]
    pub fn stderr(&self) -> String {
        fs::read_to_string(self.folder().join("stderr.log")).unwrap()
    }

    /// All that it has said.
    #[must_use]
    pub fn stdout(&self) -> String {
        fs::read_to_string(self.folder().join("stdout.log")).unwrap()
    }

    /// The users in users.json, as of the last snapshot.
    #[must_use]
    pub fn users_file(&self) -> Vec<Value> {
        let text = fs::read(self.data().join("users.json")).unwrap();
        let mut document: Value = serde_json::from_slice(&text).expect("users.json parses");
        serde_json::from_value(document["users"].take()).unwrap()
    }

    /// The records in audit.ndjson, as of the last snapshot.
    #[must_use]
    pub fn audit_log(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.data().join("audit.ndjson")).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).expect("each line of audit.ndjson parses"))
            .collect()
    }
}

impl Setup {
    /// Starts a server.
    ///
    /// # Panics
    /// If it does not come up; the message has what it said.
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
            eprintln!("the server said:\n{}", self.stderr());
        }
        // An instrumented binary writes its counts when it ends by itself.
        #[expect(clippy::disallowed_methods, reason = "coverage is measured through a variable of the tests")]
        if std::env::var_os("LLVM_PROFILE_FILE").is_some() && self.process.is_some() && !thread::panicking() {
            self.stop();
        }
    }
}
