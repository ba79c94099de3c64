//! Who or what is meant by a name, beside a running server.

use std::path::Path;

use anyhow::{Context, anyhow};
use roster_config::{Settings, StorageUrl};
use roster_domain::{ActorFilter, ApiKeyPrefix, Login, ServiceAccountName, SigningKeyId, TargetFilter};
use roster_storage_json::UsersFile;
use uuid::Uuid;

use crate::keys::KeyFolder;

/// The names in the users file, as of its last snapshot, and those of the keys that Roster makes. Each is read when
/// somebody is named by one.
pub(crate) struct Directory<'a> {
    users_file: &'a Path,
    keys: KeyFolder,
    read: Option<UsersFile>,
}

impl<'a> Directory<'a> {
    pub(crate) fn of(settings: &'a Settings) -> Self {
        let StorageUrl::Json { path } = &settings.storage.url;
        Self { users_file: path, keys: KeyFolder::in_data(&settings.data.dir), read: None }
    }

    /// Whoever did something: `anonymous`, `operator` and `system` besides those who have a name.
    ///
    /// # Errors
    /// If nobody goes by that, or the file cannot be read.
    pub(crate) fn actor(&mut self, name: &str) -> anyhow::Result<ActorFilter> {
        if let Ok(filter) = name.parse() {
            return Ok(filter);
        }
        let found = self.found(name).context("--actor")?;
        found.map(ActorFilter::Id).ok_or_else(|| self.nobody(name)).context("--actor")
    }

    /// Whomever something was done to, or the key that signs access tokens.
    ///
    /// # Errors
    /// As for [`actor`](Self::actor).
    pub(crate) fn target(&mut self, name: &str) -> anyhow::Result<TargetFilter> {
        if let Ok(filter) = name.parse() {
            return Ok(filter);
        }
        let found = match self.found(name).context("--target")? {
            Some(id) => Some(TargetFilter::Id(id)),
            None => self.signing_key(name).context("--target")?.map(TargetFilter::SigningKey),
        };
        found.ok_or_else(|| self.nobody(name)).context("--target")
    }

    /// A user by what they log in with, a machine by its name, or an API key by its prefix.
    fn found(&mut self, name: &str) -> anyhow::Result<Option<Uuid>> {
        let read = match self.read.take() {
            Some(read) => read,
            None => UsersFile::read(self.users_file)?,
        };
        let read = self.read.insert(read);
        let user = read.user_by_login(&Login::new(name)).map(|user| *user.id.as_uuid());
        let machine = || {
            let name = name.parse::<ServiceAccountName>().ok()?;
            read.service_account_by_name(&name).map(|account| *account.id.as_uuid())
        };
        let key = || read.api_key_by_prefix(&ApiKeyPrefix::new(name).ok()?).map(|id| *id.as_uuid());
        Ok(user.or_else(machine).or_else(key))
    }

    /// A key of the ring by enough of its beginning.
    fn signing_key(&self, name: &str) -> anyhow::Result<Option<SigningKeyId>> {
        let ring = self.keys.read()?;
        Ok(ring.and_then(|ring| SigningKeyId::new(ring.find(name).ok()?.id()).ok()))
    }

    fn nobody(&self, name: &str) -> anyhow::Error {
        anyhow!(
            "nobody in \"{}\" goes by \"{name}\", as of its last snapshot; name a user by username, email address or id, \
             a machine by name or id, an API key by prefix or id, a session by id, a key for access tokens by kid, and \
             whoever or whatever is gone by the id",
            self.users_file.display()
        )
    }
}
