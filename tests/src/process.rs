//! A server process.

use crate::wait::{DEADLINE, wait_for};
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;

/// The text before the address on stdout.
const LISTENING: &str = "listening on ";

/// A server process, killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    /// The base URL: `http://` and the address.
    pub base: String,
}

impl Process {
    /// Starts `command` and waits until it listens. Its output is appended to `stdout.log` and `stderr.log` in
    /// `folder`.
    #[must_use]
    pub fn start(mut command: Command, folder: &Path) -> Self {
        let log = |name: &str| File::options().create(true).append(true).open(folder.join(name)).unwrap();
        let mut child =
            command.stdout(Stdio::piped()).stderr(log("stderr.log")).spawn().expect("the binary starts");
        let addresses = copy(child.stdout.take().unwrap(), log("stdout.log"));
        let Ok(base) = addresses.recv_timeout(DEADLINE) else {
            let _ = child.kill();
            let status = child.wait();
            let log = std::fs::read_to_string(folder.join("stderr.log")).unwrap_or_default();
            panic!("the server did not start ({status:?}); stderr:\n{log}");
        };
        Self { child, base }
    }

    /// Sends SIGTERM and waits for the exit.
    pub(crate) fn stop(self) -> ExitStatus {
        self.ask_to_stop();
        self.wait()
    }

    /// Waits for the exit.
    pub(crate) fn wait(mut self) -> ExitStatus {
        wait_for("the server to stop", || self.child.try_wait().unwrap())
    }

    /// Sends SIGTERM. Does nothing if the process has exited.
    pub(crate) fn ask_to_stop(&self) {
        self.signal(Signal::TERM);
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let _ = kill_process(Pid::from_child(&self.child), signal);
    }

    /// Whether the process is still running.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if coverage().is_some() && self.is_running() {
            // A killed process writes no coverage profile.
            self.ask_to_stop();
            wait_for("the server to stop", || (!self.is_running()).then_some(()));
        }
        // Does nothing if the process was already waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where the server writes its profile when coverage is measured.
#[expect(clippy::disallowed_methods, reason = "set by the coverage tool, for this process and its children")]
pub(crate) fn coverage() -> Option<OsString> {
    std::env::var_os("LLVM_PROFILE_FILE")
}

/// Copies stdout to a log file and sends the address once it is printed.
fn copy(stdout: ChildStdout, mut log: File) -> Receiver<String> {
    use std::io::Write as _;
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = writeln!(log, "{line}");
            if let Some(address) = line.strip_prefix(LISTENING) {
                let _ = sender.send(address.trim_end_matches('/').to_owned());
            }
        }
    });
    receiver
}
