//! A store on an engine, and the server on it.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use roster_test_postgres::Cluster;
use tempfile::TempDir;

use super::{bare_postgres, bare_sqlite, database};
use crate::process::{Process, roster_command};

/// A storage engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EngineName {
    /// The embedded engine.
    Json,
    /// SQLite.
    Sqlite,
    /// PostgreSQL: a private server, or the one of `--postgres-url`.
    Postgres,
}

impl EngineName {
    /// The name in a table.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Json => "embedded",
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// Seals the signing keys in the database. PostgreSQL requires it.
const SEALING_KEY: &str = "cm9zdGVyLWJlbmNoIHNlYWxzIGl0cyBrZXlzIHdpdGg=";

/// A folder with a store, or with what belongs to a store in a database.
pub(super) struct Deployment<'a> {
    engine: EngineName,
    roster: &'a Path,
    folder: TempDir,
    url: String,
    /// Ends the private server of PostgreSQL.
    _cluster: Option<Cluster>,
}

/// What a private server of PostgreSQL is given, in contrast to what a test gives it: everything is synced.
const SETTINGS: [(&str, &str); 6] = [
    ("fsync", "on"),
    ("full_page_writes", "on"),
    ("shared_buffers", "1GB"),
    ("max_wal_size", "4GB"),
    ("autovacuum_naptime", "1min"),
    ("jit", "off"),
];

impl<'a> Deployment<'a> {
    /// An empty store. A database at `postgres_url` must be empty.
    pub(super) fn new(engine: EngineName, roster: &'a Path, postgres_url: Option<&str>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let (url, cluster) = match (engine, postgres_url) {
            (EngineName::Json, _) => ("json:data/users.json".to_owned(), None),
            (EngineName::Sqlite, _) => ("sqlite:data/roster.db".to_owned(), None),
            (EngineName::Postgres, Some(url)) => (url.to_owned(), None),
            (EngineName::Postgres, None) => {
                let builder = Cluster::builder();
                let builder = SETTINGS.iter().fold(builder, |all, (name, value)| all.setting(name, value));
                let cluster = builder.start().context("PostgreSQL is not installed")?;
                (cluster.url("postgres"), Some(cluster))
            }
        };
        fs::create_dir(folder.path().join("data"))?;
        Ok(Self { engine, roster, folder, url, _cluster: cluster })
    }

    /// Imports a file, and returns how long that took.
    pub(super) fn import(&self, file: &Path) -> Result<Duration> {
        let began = Instant::now();
        let report = self.command().args(["import", "--report", "json"]).arg(file).output()?;
        let took = began.elapsed();
        ensure!(report.status.success(), "import: {}", String::from_utf8_lossy(&report.stderr));
        Ok(took)
    }

    /// Starts an import, which goes through the server if it runs.
    pub(super) fn start_import(&self, file: &Path) -> Result<Child> {
        let mut command = self.command();
        command.args(["import", "--report", "json"]).arg(file).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(command.spawn()?)
    }

    /// Copies another store into this one, and returns how long that took.
    pub(super) fn copy_from(&self, other: &Self) -> Result<Duration> {
        let from = format!("json:{}", other.folder.path().join("data/users.json").display());
        let began = Instant::now();
        let report = self.command().args(["copy", "--from", &from, "--to", &self.url]).output()?;
        let took = began.elapsed();
        ensure!(report.status.success(), "copy: {}", String::from_utf8_lossy(&report.stderr));
        Ok(took)
    }

    /// The engine.
    pub(super) const fn engine(&self) -> EngineName {
        self.engine
    }

    /// Starts the server.
    pub(super) fn serve(&self) -> Result<Process> {
        self.serve_with(&[])
    }

    /// Starts the server with more settings.
    pub(super) fn serve_with(&self, more: &[(&str, &str)]) -> Result<Process> {
        // Logins are measured with the cheapest hash, so that the rest counts.
        let settings = [
            ("DATABASE_URL", self.url.as_str()),
            ("ROSTER__STORAGE__SEALING_KEY", SEALING_KEY),
            ("ROSTER__PASSWORD__BCRYPT_COST", "4"),
        ];
        Process::roster(self.roster, self.folder.path(), &[&settings, more].concat())
    }

    /// The processor time of the database server so far; `None` if the engine has none.
    pub(super) fn database_cpu(&self) -> Result<Option<Duration>> {
        (self.engine == EngineName::Postgres).then(|| database::cpu(&self.url)).transpose()
    }

    /// Lets a database clean up after an import, as it would within minutes.
    pub(super) fn settle(&self) -> Result<()> {
        if self.engine == EngineName::Postgres {
            database::run(&self.url, &["VACUUM (ANALYZE)", "CHECKPOINT"])?;
        }
        Ok(())
    }

    /// The seconds of a bare loop of the import, if the engine has one.
    pub(super) fn bare_import(&self) -> Result<Option<f64>> {
        match self.engine {
            EngineName::Json => Ok(None),
            EngineName::Sqlite => bare_sqlite::import(&self.folder.path().join("data/roster.db")).map(Some),
            EngineName::Postgres => bare_postgres::import(&self.url).map(Some),
        }
    }

    /// The rate of a bare loop of the statements of an update, if the engine has one.
    pub(super) fn bare_updates(&self, ids: &[String], length: Duration) -> Result<Option<f64>> {
        match self.engine {
            EngineName::Json | EngineName::Sqlite => Ok(None),
            EngineName::Postgres => bare_postgres::updates(&self.url, ids, length).map(Some),
        }
    }

    /// The size on disk in MB.
    pub(super) fn megabytes(&self) -> Result<f64> {
        let bytes = match self.engine {
            EngineName::Postgres => database::size(&self.url)?,
            EngineName::Json | EngineName::Sqlite => bytes_in(&self.folder.path().join("data"))?,
        };
        Ok(bytes as f64 / 1e6)
    }

    fn command(&self) -> Command {
        let mut command = roster_command(self.roster, self.folder.path());
        command.env("DATABASE_URL", &self.url).env("ROSTER__STORAGE__SEALING_KEY", SEALING_KEY);
        command
    }
}

fn bytes_in(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        sum += if metadata.is_dir() { bytes_in(&entry.path())? } else { metadata.len() };
    }
    Ok(sum)
}
