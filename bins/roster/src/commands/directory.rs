//! Who is meant by a name, beside a running server.

use std::path::Path;

use anyhow::{Context, anyhow};
use roster_domain::{ActorFilter, Login, ServiceAccountName, UserId};
use roster_storage_json::UsersFile;
use uuid::Uuid;

/// The names in the users file, as of its last snapshot. It is read when somebody is named by one.
pub(crate) struct Directory<'a> {
    users_file: &'a Path,
    read: Option<UsersFile>,
}

impl<'a> Directory<'a> {
    pub(crate) const fn of(users_file: &'a Path) -> Self {
        Self { users_file, read: None }
    }

    /// Whoever did something: `anonymous`, `operator` and `system` besides those who have a name.
    ///
    /// # Errors
    /// If nobody goes by that, or the file cannot be read.
    pub(crate) fn actor(&mut self, name: &str) -> anyhow::Result<ActorFilter> {
        match name.parse() {
            Ok(filter) => Ok(filter),
            Err(_) => Ok(ActorFilter::Id(self.found(name).context("--actor")?)),
        }
    }

    /// Whomever something was done to.
    ///
    /// # Errors
    /// As for [`actor`](Self::actor).
    pub(crate) fn target(&mut self, name: &str) -> anyhow::Result<Uuid> {
        match name.parse::<UserId>() {
            Ok(id) => Ok(*id.as_uuid()),
            Err(_) => self.found(name).context("--target"),
        }
    }

    fn found(&mut self, name: &str) -> anyhow::Result<Uuid> {
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
        user.or_else(machine).ok_or_else(|| {
            anyhow!(
                "nobody in \"{}\" goes by \"{name}\", as of its last snapshot; name a user by username, email address \
                 or id, a machine by name or id, and whoever was erased by the id",
                self.users_file.display()
            )
        })
    }
}
