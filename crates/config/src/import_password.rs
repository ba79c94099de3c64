//! The password of a database that an import reads, for those who keep it out of the arguments.

use std::env::{self, VarError};
use std::path::Path;

use thiserror::Error;
use zeroize::Zeroizing;

use crate::environment::read_secret;

/// The variable with the password. With `_FILE`, the one with the path of a file that has it.
const NAME: &str = "ROSTER_IMPORT_PASSWORD";

/// Why there is no password.
#[derive(Debug, Error)]
pub enum ImportPasswordError {
    /// Two variables say what it is.
    #[error("{NAME} and {NAME}_FILE are both set: keep one")]
    Ambiguous,
    /// It is not UTF-8.
    #[error("{NAME} is not UTF-8")]
    Encoding,
    /// The file cannot be read.
    #[error("cannot read the file that {NAME}_FILE names")]
    File(#[source] std::io::Error),
}

/// The password in `ROSTER_IMPORT_PASSWORD`, or in the file that `ROSTER_IMPORT_PASSWORD_FILE` names. An empty variable counts
/// as not set.
///
/// # Errors
/// [`ImportPasswordError`].
pub fn import_password() -> Result<Option<Zeroizing<String>>, ImportPasswordError> {
    match (variable(NAME)?, variable(&format!("{NAME}_FILE"))?) {
        (Some(_), Some(_)) => Err(ImportPasswordError::Ambiguous),
        (None, Some(path)) => {
            read_secret(Path::new(path.as_str())).map(Some).map_err(ImportPasswordError::File)
        }
        (password, None) => Ok(password),
    }
}

/// Whether this is one of the variables.
pub(crate) fn is_variable(name: &str) -> bool {
    name == NAME || name.strip_suffix("_FILE") == Some(NAME)
}

#[expect(clippy::disallowed_methods, reason = "this crate reads the environment")]
fn variable(name: &str) -> Result<Option<Zeroizing<String>>, ImportPasswordError> {
    match env::var(name) {
        Ok(value) => Ok(Some(Zeroizing::new(value)).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(ImportPasswordError::Encoding),
    }
}
