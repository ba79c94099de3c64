//! Where settings come from.

use std::ffi::OsString;
use std::path::PathBuf;

/// The settings file of an installed server.
const INSTALLED: &str = "/etc/roster/roster.toml";

/// Which TOML file is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigFile {
    /// None.
    None,
    /// The first of these that exists, if any.
    FirstPresent(Vec<PathBuf>),
    /// This one; it is an error if it is missing.
    Required(PathBuf),
}

/// Where settings come from, besides the built-in defaults. It has no `Debug`, since an environment holds secrets.
pub struct Sources {
    pub(crate) config_file: ConfigFile,
    /// Read if it exists.
    pub(crate) dotenv: Option<PathBuf>,
    pub(crate) environment: Vec<(OsString, OsString)>,
}

impl Sources {
    /// Only the defaults.
    #[must_use]
    pub fn none() -> Self {
        Self { config_file: ConfigFile::None, dotenv: None, environment: Vec::new() }
    }

    /// The sources of a process that an operator starts: `config_file`, or the first of `roster.toml` in the working
    /// directory and `/etc/roster/roster.toml` that exists; `.env` in the working directory; and the environment.
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

    /// Reads this `.env` file, if it exists. It does not change the environment of the process.
    #[must_use]
    pub fn with_dotenv(mut self, path: impl Into<PathBuf>) -> Self {
        self.dotenv = Some(path.into());
        self
    }

    /// Uses these variables as the environment.
    #[must_use]
    pub fn with_environment<N: Into<OsString>, V: Into<OsString>>(
        mut self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        self.environment = variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        self
    }
}
