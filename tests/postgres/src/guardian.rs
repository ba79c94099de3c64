//! Cleans up when the test process has ended, even if it was killed.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};

use crate::programs::Programs;

/// A shell that waits for the end of its standard input, which is when this process ends or drops the guardian. Then it
/// stops the server, paused or not, and removes the folder.
#[derive(Debug)]
pub(crate) struct Guardian {
    shell: Child,
    /// `None` only while it is dropped.
    lifeline: Option<ChildStdin>,
}

const SCRIPT: &str = r#"
trap '' HUP INT TERM
read -r _
if read -r pid 2>/dev/null <"$2/data/postmaster.pid"; then
  kill -CONT "$pid" $(cat "/proc/$pid/task/$pid/children") 2>/dev/null
  "$1/pg_ctl" -D "$2/data" -m immediate -w stop
fi
rm -rf "$2"
"#;

impl Guardian {
    /// Guards the cluster in `folder`.
    pub(crate) fn of(programs: &Programs, folder: &Path) -> Self {
        let mut command = programs.command("sh");
        command.args(["-c", SCRIPT, "guardian"]).arg(programs.folder()).arg(folder).current_dir("/");
        // Ctrl-C at a terminal must not end it together with the tests.
        command.process_group(0);
        let mut shell = command.stdin(Stdio::piped()).spawn().expect("there is a shell");
        let lifeline = shell.stdin.take();
        Self { shell, lifeline }
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        self.lifeline = None;
        // The shell ends by itself; waiting only keeps it from becoming a zombie.
        let _ = self.shell.wait();
    }
}
