//! Where settings are looked for.

use std::ffi::OsString;
use std::path::PathBuf;

/// Where an installed server finds its settings if nothing nearer says otherwise.
const INSTALLED: &str = "/etc/roster/roster.toml";

/// Which TOML file is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigFile {
    /// None.
    None,
    /// The first of these that is there, if any is.
    FirstPresent(Vec<PathBuf>),
    /// This one; that it is missing is a fault.
    Required(PathBuf),
}

/// Where settings are looked for, besides the defaults that are built in. It has no `Debug`, since an
/// environment holds secrets.
pub struct Sources {
    pub(crate) config_file: ConfigFile,
    /// Read if it is there.
    pub(crate) dotenv: Option<PathBuf>,
    pub(crate) environment: Vec<(OsString, OsString)>,
}

impl Sources {
    /// Nothing but the defaults.
    #[must_use]
    pub fn none() -> Self {
        Self { config_file: ConfigFile::None, dotenv: None, environment: Vec::new() }
    }

    /// What a process started by an operator reads: `config_file`; or else `roster.toml` in the working directory, or
    /// else `/etc/roster/roster.toml`, if it is there; `.env` in the working directory, likewise; and the environment.
    #[must_use]
    pub fn from_process(config_file: Option<PathBuf>) -> Self {
        let searched = vec!["roster.toml".into(), INSTALLED.into()];
        let config_file =
            config_file.map_or_else(|| ConfigFile::FirstPresent(searched), ConfigFile::Required);
        Self { config_file, dotenv: Some(".env".into()), environment: std::env::vars_os().collect() }
    }

    /// Reads this TOML file.
    #[must_use]
    pub fn with_config_file(mut self, file: ConfigFile) -> Self {
        self.config_file = file;
        self
    }

    /// Reads this `.env` file, if it is there. It never reaches the environment of the process.
    #[must_use]
    pub fn with_dotenv(mut self, path: impl Into<PathBuf>) -> Self {
        self.dotenv = Some(path.into());
        self
    }

    /// Takes these variables for the environment.
    #[must_use]
    pub fn with_environment<N: Into<OsString>, V: Into<OsString>>(
        mut self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        self.environment = variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        self
    }
}
