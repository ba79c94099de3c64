//! What can be wrong with settings.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::Origin;

/// One thing that is wrong. Its text is one line, names the place, and never holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum SettingError {
    /// A file that was named cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file that a `…_FILE` variable names cannot be read.
    #[error("cannot read {} ({origin}): {source}", secret_file(path.as_ref()))]
    UnreadableSecret {
        /// The file; absent if this may be the secret itself.
        path: Option<PathBuf>,
        /// The variable that names it.
        origin: Origin,
        /// Why not.
        source: io::Error,
    },
    /// A file is not what its format demands.
    #[error("{} line {line}: {message}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What the parser says.
        message: String,
    },
    /// No setting has this name.
    #[error("unknown setting {name} ({origin}){}", suggested(nearest.as_ref()))]
    Unknown {
        /// The name as it was written: a dotted key, or a variable.
        name: String,
        /// Where it stands.
        origin: Origin,
        /// The known name nearest to it, spelt the same way.
        nearest: Option<String>,
    },
    /// A value that its setting cannot take.
    #[error("{key}{} ({origin}): must be {allowed}", given(value.as_ref()))]
    Invalid {
        /// The setting.
        key: String,
        /// The value, without credentials; absent if it may be a secret or hold one.
        value: Option<String>,
        /// Where it stands.
        origin: Origin,
        /// What would be taken.
        allowed: String,
    },
    /// Two values, each of which could be taken, of which the first must not be above the second.
    #[error("{low} is above {high}: lower the first, or raise the second")]
    Contradiction {
        /// What must not be above.
        low: SettingValue,
        /// What it must not be above.
        high: SettingValue,
    },
    /// Nothing would tell Roster's tokens from those that other programs make with the same secret.
    #[error(
        "auth.audience is empty and auth.token_type is JWT, and auth.jwt_secret is shared: other programs' tokens of this \
         secret would look like Roster's; set auth.issuer to a name or URL that no other program uses"
    )]
    IndistinguishableTokens,
    /// A secret is given both by value and by file.
    #[error("{name} and {name}_FILE are both set ({location}): keep one")]
    Ambiguous {
        /// The variable.
        name: String,
        /// `environment`, or the `.env` file.
        location: String,
    },
}

/// What a setting was given, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingValue {
    /// The setting.
    pub key: String,
    /// The value, as it was written, without credentials.
    pub value: String,
    /// Where it stands.
    pub origin: Origin,
}

impl fmt::Display for SettingValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {} ({})", self.key, self.value, self.origin)
    }
}

fn secret_file(path: Option<&PathBuf>) -> String {
    path.map_or_else(|| "the file that should hold a secret".to_owned(), |path| path.display().to_string())
}

fn suggested(nearest: Option<&String>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean {name}?"))
}

fn given(value: Option<&String>) -> String {
    value.map_or_else(String::new, |value| format!(" = {value}"))
}

/// Everything that is wrong, at least one fault. Its text has a line for each.
#[derive(Debug)]
pub struct ConfigErrors(Vec<SettingError>);

impl ConfigErrors {
    /// `Ok` if there is nothing to tell.
    pub(crate) fn check(errors: Vec<SettingError>) -> Result<(), Self> {
        if errors.is_empty() { Ok(()) } else { Err(Self(errors)) }
    }

    /// The errors, in the order of the layers, then of the keys.
    #[must_use]
    pub fn errors(&self) -> &[SettingError] {
        &self.0
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}
