//! Migrates one person during a login.

use super::old_system::Migration;
use super::person::{self, ReadPerson, Unusable};
use crate::import_users::Alone;
use crate::{Call, Error, Roster};
use roster_auth::password::{CostCap, Password, Verification};
use roster_domain::{Action, Credential, Login, LoginAlias, PendingReason, Status, User};
use roster_import::{FileFormat, ImportOptions, ImportReader, NameHasher};
use roster_storage::{Change, Guard, UnitOfWork};
use std::sync::Arc;

/// A login that failed here.
pub(crate) struct Unverified<'a> {
    /// The login name as it was typed.
    pub(crate) typed: &'a str,
    /// The same, parsed.
    pub(crate) login: &'a Login,
    /// Who has this login name.
    pub(crate) user: Option<&'a Arc<User>>,
    /// The password.
    pub(crate) password: &'a Arc<Password>,
}

impl Unverified<'_> {
    /// Whether the old system may be asked: nobody has the login name, or its owner only lacks a password. Some
    /// systems take an empty password as a right one (RFC 4513, section 5.1.2).
    fn may_be_asked_about(&self) -> bool {
        let lacks_only_a_password = Status::Pending { reasons: PendingReason::NoPassword.into() };
        self.user.is_none_or(|user| user.status == lacks_only_a_password)
            && LoginAlias::new(self.typed).is_ok()
            && self.password.byte_len() > 0
            && !self.password.is_oversized()
    }
}

impl Roster {
    /// Asks the old system about a login that failed here, once, and migrates the person if it confirms the password.
    /// Returns the user as stored, whose password this is.
    ///
    /// # Errors
    /// [`Error::Busy`]; the errors of the store.
    pub(crate) async fn migrate(
        &self,
        call: &Call,
        unverified: &Unverified<'_>,
    ) -> Result<Option<Arc<User>>, Error> {
        let Some(migration) = self.parts().migration.as_ref() else { return Ok(None) };
        if !unverified.may_be_asked_about() {
            return Ok(None);
        }
        let Some(read) = self.confirmed(migration, unverified).await else { return Ok(None) };
        let migrated = match unverified.user {
            Some(user) => self.settle_pending(call, user, unverified.password).await?,
            None => self.add_migrated(call, read, unverified.password).await?,
        };
        if migrated.is_some() {
            self.counters().count_migration();
            return Ok(migrated);
        }
        self.migrated_meanwhile(call, unverified).await
    }

    /// The person whose password the old system confirms, if its answer may be used.
    async fn confirmed(&self, migration: &Migration, unverified: &Unverified<'_>) -> Option<ReadPerson> {
        let user = self.ask(migration, unverified.typed, unverified.password).await?;
        let accepted = self.read_person(user).await.and_then(|mut read| {
            let record =
                read.record.outcome.as_mut().map_err(|refusal| Unusable::Refused(refusal.clone()))?;
            person::accept(record, unverified.login)?;
            unverified.user.map_or(Ok(()), |user| person::require_same(&record.person, user))?;
            Ok(read)
        });
        accepted.inspect_err(not_used).ok()
    }

    async fn read_person(&self, user: String) -> Result<ReadPerson, Unusable> {
        let hasher = NameHasher::new(self.random());
        let cost_cap = CostCap::new(self.parts().hash_pool.cost());
        let now = self.parts().clock.now();
        let options = ImportOptions { format: Some(FileFormat::Json), ..ImportOptions::default() };
        let reader = ImportReader::new(options, now, hasher, cost_cap);
        let reading = tokio::task::spawn_blocking(move || person::read(&reader, hasher, &user));
        reading.await.unwrap_or(Err(Unusable::NotOne))
    }

    /// Adds the person as a user. `None` if somebody here has one of their names or ids.
    async fn add_migrated(
        &self,
        call: &Call,
        read: ReadPerson,
        password: &Arc<Password>,
    ) -> Result<Option<Arc<User>>, Error> {
        let ReadPerson { record, survey, hasher } = read;
        let (person, username) = match self.decide_alone(call, record, survey, hasher).await? {
            Alone::New { person, username } => (person, username),
            Alone::Present => {
                not_used(&Unusable::HereAlready);
                return Ok(None);
            }
            Alone::Refused(refusal) => {
                not_used(&refusal.into());
                return Ok(None);
            }
        };
        let hash = self.hash(call, Arc::clone(password)).await?;
        let id = person.names.kept_id.unwrap_or_else(|| self.new_user_id());
        let user = Arc::new(person.to_user(id, username, Credential::Password(hash)));
        let work = UnitOfWork::audited(self.record_own(call, Action::UserMigrated, &user))
            .require_new_user(&user)
            .write(Change::PutUser(Arc::clone(&user)));
        Ok(self.try_commit(work, |_| true).await?.map(|()| user))
    }

    /// Gives the password to a user who lacks only that. `None` if the user was changed meanwhile.
    async fn settle_pending(
        &self,
        call: &Call,
        user: &User,
        password: &Arc<Password>,
    ) -> Result<Option<Arc<User>>, Error> {
        let hash = self.hash(call, Arc::clone(password)).await?;
        let now = self.parts().clock.now();
        let after = Arc::new(user.clone().with_password_of_another(hash, None, now));
        let work = UnitOfWork::audited(self.record_own(call, Action::UserMigrated, user))
            .require(Guard::UserVersion(user.id, user.version))
            .require(Guard::AuthEpoch(user.id, user.auth_epoch))
            .require(Guard::CredentialIs(user.id, user.credential.clone()))
            .require(Guard::LastLoginIs(user.id, user.last_login_at))
            .write(Change::PutUser(Arc::clone(&after)));
        Ok(self.try_commit(work, |_| true).await?.map(|()| after))
    }

    /// The user with this login name, if a concurrent login has migrated them with the same password.
    async fn migrated_meanwhile(
        &self,
        call: &Call,
        unverified: &Unverified<'_>,
    ) -> Result<Option<Arc<User>>, Error> {
        let Some(user) = self.store().user_by_login(unverified.login).await? else { return Ok(None) };
        let hash = user.credential.password_hash().cloned();
        let checked = self.check(call, Arc::clone(unverified.password), hash).await?;
        Ok(matches!(checked.verification, Verification::Right { .. }).then_some(user))
    }
}

fn not_used(reason: &Unusable) {
    tracing::warn!(%reason, "the old system confirmed a password, but the answer was not used");
}
