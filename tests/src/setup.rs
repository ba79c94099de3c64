//! The settings of a server.

use crate::binary::migrate_with_newer;
use crate::engine::Engine;
use crate::people::{ADMIN, ADMIN_PASSWORD};
use crate::process::coverage;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The secret with which servers sign tokens by default.
pub const SECRET: &str = "a secret that the tests share with the server";

/// The sealing key of servers on PostgreSQL by default: 32 bytes in base64.
pub const SEALING_KEY: &str = "dGhlIGtleSB0aGF0IHNlYWxzIHNlY3JldHMgb2YgdHM=";

/// The settings of a server: defaults for tests, and changes by a test. The environment of the test process is not
/// inherited, except for coverage.
#[derive(Clone, Debug)]
pub struct Setup {
    environment: BTreeMap<String, String>,
    /// Where the users are kept.
    engine: Engine,
    /// The binary, if it is not that of this version.
    binary: Option<PathBuf>,
    /// The data folder, if it is outside the server's folder.
    data: Option<PathBuf>,
    /// The contents of `roster.toml`.
    file: String,
    /// Whether PostgreSQL is used without [`SEALING_KEY`].
    without_sealing_key: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self::new()
    }
}

impl Setup {
    /// The defaults: a free port, cheap hashes, no limits, a first administrator and a known secret.
    #[must_use]
    pub fn new() -> Self {
        Self {
            environment: BTreeMap::new(),
            engine: Engine::of_this_test(),
            binary: None,
            data: None,
            file: String::new(),
            without_sealing_key: false,
        }
        .set("server.port", "0")
        .set("server.workers", "2")
        .set("limits.enabled", "false")
        .set("password.bcrypt_cost", "4")
        .set("password.hash_threads", "2")
        .env("JWT_SECRET", SECRET)
        .env("ROSTER_ADMIN_USERNAME", ADMIN)
        .env("ROSTER_ADMIN_PASSWORD", ADMIN_PASSWORD)
    }

    /// Sets a setting such as `metrics.access`.
    #[must_use]
    pub fn set(self, key: &str, value: &str) -> Self {
        let name = format!("ROSTER__{}", key.to_uppercase().replace('.', "__"));
        self.env(&name, value)
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Uses this engine, for a test that is about one.
    #[must_use]
    pub fn engine(self, engine: Engine) -> Self {
        Self { engine, ..self }
    }

    /// Uses the binary at this path, for a test about another version.
    #[must_use]
    pub fn binary(mut self, path: &Path) -> Self {
        self.binary = Some(path.to_owned());
        self
    }

    /// Where the users are kept.
    pub(crate) const fn kept_by(&self) -> Engine {
        self.engine
    }

    /// Removes an environment variable.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.environment.remove(name);
        self
    }

    /// Does not set [`SEALING_KEY`]: for an older Roster, which does not know the setting, and for tests of its absence.
    #[must_use]
    pub fn without_sealing_key(self) -> Self {
        Self { without_sealing_key: true, ..self }
    }

    fn uses_postgres(&self) -> bool {
        let url = self.environment.get("ROSTER__STORAGE__URL");
        url.map_or(self.engine == Engine::Postgres, |url| url.starts_with("postgres"))
    }

    /// The URL of the database of a server with these settings that runs in `folder`.
    ///
    /// # Panics
    /// If it has no database server.
    #[must_use]
    pub fn database_url(&self, folder: &Path) -> String {
        let url = self.environment.get("ROSTER__STORAGE__URL").cloned();
        url.or_else(|| self.engine.url(&self.data_in(folder))).expect("it uses a database")
    }

    /// Writes this text to `roster.toml` in the server's folder.
    #[must_use]
    pub fn file(mut self, text: &str) -> Self {
        text.clone_into(&mut self.file);
        self
    }

    /// Uses this data folder.
    #[must_use]
    pub fn data(mut self, folder: &Path) -> Self {
        self.data = Some(folder.to_owned());
        self
    }

    /// The data folder of a server that runs in `folder`.
    pub(crate) fn data_in(&self, folder: &Path) -> PathBuf {
        self.data.clone().unwrap_or_else(|| folder.join("data"))
    }

    /// The command `roster` with these settings in `folder`, without arguments. It always creates a `roster.toml`, so that
    /// no other settings file on this machine is read.
    ///
    /// # Panics
    /// If `roster.toml` cannot be written.
    #[must_use]
    pub fn command(&self, folder: &Path) -> Command {
        let file = folder.join("roster.toml");
        if !file.exists() {
            std::fs::write(&file, &self.file).expect("the folder can be written");
            if self.engine != Engine::Json {
                migrate_with_newer(|newer| self.command_of(newer, folder));
            }
        }
        self.command_of(self.binary.as_deref().unwrap_or_else(|| crate::binary()), folder)
    }

    fn command_of(&self, binary: &Path, folder: &Path) -> Command {
        let data = self.data_in(folder);
        let mut command = Command::new(binary);
        command.current_dir(folder).env_clear().stdin(Stdio::null());
        command.envs(coverage().map(|file| ("LLVM_PROFILE_FILE", file)));
        command.env("ROSTER__DATA__DIR", &data);
        command.envs(self.engine.url(&data).map(|url| ("ROSTER__STORAGE__URL", url)));
        if self.uses_postgres() && !self.without_sealing_key {
            command.env("ROSTER__STORAGE__SEALING_KEY", SEALING_KEY);
        }
        command.envs(&self.environment);
        command
    }
}
