//! How a server is set up.

use crate::people::{ADMIN, ADMIN_PASSWORD};
use crate::process::coverage;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a server of the tests signs its tokens with, unless told otherwise.
pub const SECRET: &str = "a secret that the tests share with the server";

/// The settings of a server: the tests' own, and what a test says. Nothing comes from the environment of the
/// test, but for what measures coverage.
#[derive(Clone, Debug)]
pub struct Setup {
    environment: BTreeMap<String, String>,
    /// Where the data is, if not in the server's own folder.
    data: Option<PathBuf>,
    /// What is in `roster.toml`.
    file: String,
}

impl Default for Setup {
    fn default() -> Self {
        Self::new()
    }
}

impl Setup {
    /// A free port, cheap hashes, no limits, a first administrator, a known secret.
    #[must_use]
    pub fn new() -> Self {
        Self { environment: BTreeMap::new(), data: None, file: String::new() }
            .set("server.port", "0")
            .set("server.workers", "2")
            .set("limits.enabled", "false")
            .set("password.bcrypt_cost", "4")
            .set("password.hash_threads", "2")
            .env("JWT_SECRET", SECRET)
            .env("ROSTER_ADMIN_USERNAME", ADMIN)
            .env("ROSTER_ADMIN_PASSWORD", ADMIN_PASSWORD)
    }

    /// Gives a setting a value, such as `metrics.access`.
    #[must_use]
    pub fn set(self, key: &str, value: &str) -> Self {
        let name = format!("ROSTER__{}", key.to_uppercase().replace('.', "__"));
        self.env(&name, value)
    }

    /// Gives an environment variable a value.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Takes an environment variable away.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.environment.remove(name);
        self
    }

    /// Puts this text into `roster.toml` in the server's folder.
    #[must_use]
    pub fn file(mut self, text: &str) -> Self {
        text.clone_into(&mut self.file);
        self
    }

    /// Keeps the data in this folder.
    #[must_use]
    pub fn data(mut self, folder: &Path) -> Self {
        self.data = Some(folder.to_owned());
        self
    }

    /// Where the data is, of a server whose own folder is `folder`.
    pub(crate) fn data_in(&self, folder: &Path) -> PathBuf {
        self.data.clone().unwrap_or_else(|| folder.join("data"))
    }

    /// The program with these settings, in `folder`; the test adds the arguments. There is a `roster.toml`, if only an
    /// empty one, so that no other on this machine is read.
    ///
    /// # Panics
    /// If it cannot be written.
    #[must_use]
    pub fn command(&self, folder: &Path) -> Command {
        let (data, file) = (self.data_in(folder), folder.join("roster.toml"));
        if !file.exists() {
            std::fs::write(&file, &self.file).expect("the folder can be written");
        }
        let mut command = Command::new(crate::binary());
        command.current_dir(folder).env_clear().stdin(Stdio::null());
        command.envs(coverage().map(|file| ("LLVM_PROFILE_FILE", file)));
        command.env("ROSTER__DATA__DIR", &data);
        command.envs(&self.environment);
        command
    }
}
