//! A temporary folder to run commands in, and their results.

use roster_tests::Setup;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::SystemTime;
use tempfile::TempDir;

/// A temporary folder with settings.
pub(crate) struct Sandbox {
    folder: TempDir,
    pub(crate) setup: Setup,
}

/// The result of a command.
#[derive(Debug)]
pub(crate) struct CommandResult {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self::with(Setup::new())
    }

    pub(crate) fn with(setup: Setup) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), setup }
    }

    /// Runs `roster` with these arguments and nothing on stdin.
    pub(crate) fn run(&self, arguments: &[&str]) -> CommandResult {
        self.run_with(arguments, "")
    }

    /// Runs `roster` with this text on stdin.
    pub(crate) fn run_with(&self, arguments: &[&str], stdin: &str) -> CommandResult {
        let mut command = self.setup.command(self.path());
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that does not read stdin may have exited already.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        CommandResult::of(&child.wait_with_output().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.file(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap()
    }

    /// The contents and modification times of all files in a folder and its subfolders.
    pub(crate) fn files(&self, folder: &str) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.file(folder)];
        while let Some(folder) = folders.pop() {
            for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let changed = fs::metadata(&path).unwrap().modified().unwrap();
                    files.insert(path.clone(), (fs::read(&path).unwrap(), changed));
                }
            }
        }
        files
    }

    /// The permission bits of a file.
    pub(crate) fn mode(&self, name: &str) -> u32 {
        fs::metadata(self.file(name)).unwrap().permissions().mode() & 0o777
    }

    /// Creates a user.
    pub(crate) fn create(&self, username: &str, more: &[&str]) {
        let arguments = [&["user", "create", username, "--password-stdin"], more].concat();
        self.run_with(&arguments, "nine purple kettles\n").must_exit(0);
    }
}

impl CommandResult {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let code = output.status.code().unwrap_or_else(|| -output.status.signal().unwrap_or_default());
        Self { code, stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// Checks the exit code.
    pub(crate) fn must_exit(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    /// Checks that the command failed with exactly one error, which contains all of `words`, and printed nothing to stdout.
    pub(crate) fn must_fail_with(self, words: &[&str]) {
        let errors: Vec<_> = self.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
        assert_eq!((self.code, self.stdout.as_str(), errors.len()), (1, "", 1), "{self:?}");
        for word in words {
            assert!(errors[0].contains(word), "{word} is not in: {}", errors[0]);
        }
        assert!(!self.stderr.contains("panicked") && !self.stderr.contains("backtrace"), "{self:?}");
    }
}
