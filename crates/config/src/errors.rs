//! Errors in settings.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::Origin;

/// One error. Its text is one line, names the location, and never contains a secret.
#[derive(Debug, thiserror::Error)]
pub enum SettingError {
    /// A settings file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A file that a `…_FILE` variable names cannot be read.
    #[error("cannot read {} ({origin}): {source}", secret_file(path.as_ref()))]
    UnreadableSecret {
        /// The file; absent if this may be the secret itself.
        path: Option<PathBuf>,
        /// The variable that names it.
        origin: Origin,
        /// The cause.
        source: io::Error,
    },
    /// A file has a syntax error.
    #[error("{} line {line}: {message}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The parser's message.
        message: String,
    },
    /// No setting has this name.
    #[error("unknown setting {name} ({origin}){}", suggested(nearest.as_ref()))]
    Unknown {
        /// The name as written: a dotted key or a variable.
        name: String,
        /// Where it was set.
        origin: Origin,
        /// The nearest known name, in the same notation.
        nearest: Option<String>,
    },
    /// An invalid value.
    #[error("{key}{} ({origin}): must be {allowed}", given(value.as_ref()))]
    Invalid {
        /// The setting.
        key: String,
        /// The value without credentials; absent if it may be or contain a secret.
        value: Option<String>,
        /// Where it was set.
        origin: Origin,
        /// What the setting accepts.
        allowed: String,
    },
    /// Two valid values, of which the first must not exceed the second.
    #[error("{low} is above {high}: lower the first, or raise the second")]
    Contradiction {
        /// The lower setting.
        low: SettingValue,
        /// The upper setting.
        high: SettingValue,
    },
    /// Roster's tokens could not be told apart from those that other programs sign with the same secret.
    #[error(
        "auth.audience is empty and auth.token_type is JWT, and auth.jwt_secret is shared: tokens that other programs \
         sign with this secret would look like Roster's; set auth.issuer to a name or URL that no other program uses"
    )]
    IndistinguishableTokens,
    /// A secret is set both by value and by file.
    #[error("{name} and {name}_FILE are both set ({location}): keep one")]
    Ambiguous {
        /// The variable.
        name: String,
        /// `environment`, or the `.env` file.
        location: String,
    },
}

/// A setting with its value and where it was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingValue {
    /// The setting.
    pub key: String,
    /// The value as written, without credentials.
    pub value: String,
    /// Where it was set.
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
