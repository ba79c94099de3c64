//! The users file without the store.

use std::fmt;
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;
use std::sync::Arc;

use roster_domain::{
    ApiKeyId, ApiKeyPrefix, Login, ServiceAccount, ServiceAccountId, ServiceAccountName, User, UserId,
};

use crate::disk::open_ordinary;
use crate::error::OpenError;
use crate::recovery::read_alone;
use crate::state::State;

/// The content of a users file, read without opening the store and without its lock. While another process has the
/// store open, it is as of the last snapshot.
pub struct UsersFile(State);

impl UsersFile {
    /// Reads the file. It blocks. A missing file has no users.
    ///
    /// # Errors
    /// [`OpenError`], if it cannot be read or is invalid.
    pub fn read(path: &Path) -> Result<Self, OpenError> {
        match read(path) {
            Ok(content) => read_alone(path, &content).map(Self),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self(State::default())),
            Err(source) => Err(OpenError::Io { path: path.to_owned(), source }),
        }
    }

    /// The user with this id.
    #[must_use]
    pub fn user(&self, id: UserId) -> Option<&Arc<User>> {
        self.0.user(id)
    }

    /// The service account with this id.
    #[must_use]
    pub fn service_account(&self, id: ServiceAccountId) -> Option<&Arc<ServiceAccount>> {
        self.0.service_accounts().account(id)
    }

    /// The user with this login.
    #[must_use]
    pub fn user_by_login(&self, login: &Login) -> Option<&Arc<User>> {
        self.0.user_by_login(login)
    }

    /// The service account with this name.
    #[must_use]
    pub fn service_account_by_name(&self, name: &ServiceAccountName) -> Option<&Arc<ServiceAccount>> {
        self.0.service_accounts().by_name(name)
    }

    /// The API key with this prefix.
    #[must_use]
    pub fn api_key_by_prefix(&self, prefix: &ApiKeyPrefix) -> Option<ApiKeyId> {
        let account = self.0.service_accounts().by_key_prefix(prefix)?;
        account.keys.iter().find(|key| key.prefix == *prefix).map(|key| key.id)
    }
}

impl fmt::Debug for UsersFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UsersFile").field("users", &self.0.len()).finish_non_exhaustive()
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    open_ordinary(path)?.read_to_end(&mut content)?;
    Ok(content)
}
