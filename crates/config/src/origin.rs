//! Where a value was set.

use std::fmt;
use std::path::PathBuf;

/// Where a value was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In the built-in defaults.
    Default,
    /// Nowhere: it follows from another setting.
    Follows {
        /// The name of the other setting.
        leader: &'static str,
    },
    /// In a TOML file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// In a `.env` file.
    Dotenv {
        /// The file.
        path: PathBuf,
        /// The name of the variable.
        name: String,
    },
    /// In the environment of the process.
    Environment {
        /// The name of the variable.
        name: String,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Follows { leader } => write!(f, "default, follows {leader}"),
            Self::File { path, line } => write!(f, "{} line {line}", path.display()),
            Self::Dotenv { path, name } => write!(f, "{name} in {}", path.display()),
            Self::Environment { name } => write!(f, "environment variable {name}"),
        }
    }
}
