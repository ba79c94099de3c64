//! Applies units of work to the state: first the guards, then the changes.

use roster_domain::{Login, ServiceAccount, ServiceAccountId, User, UserId};
use roster_storage::{Change, Conflict, Guard, UnitOfWork};

use super::State;

impl State {
    /// Applies all of `work` if its guards hold, or nothing.
    ///
    /// # Errors
    /// [`Conflict`] with the first guard that does not hold. A name that belongs to another user is a conflict even
    /// if the unit has no guard for it.
    pub(crate) fn take(&mut self, work: &UnitOfWork) -> Result<(), Conflict> {
        let mut users = GuardedUsers { state: self, last: None };
        if let Some(broken) = work.guards().iter().find(|guard| !self.holds(guard, &mut users)) {
            return Err(Conflict(broken.clone()));
        }
        if let [change] = work.changes() {
            return self.take_change(change);
        }
        // A later change may be rejected after earlier ones were made, so they are made in a copy.
        let mut next = self.clone();
        for change in work.changes() {
            next.take_change(change)?;
        }
        *self = next;
        Ok(())
    }

    fn take_change(&mut self, change: &Change) -> Result<(), Conflict> {
        if let Some(taken) = self.clash_of(change) {
            return Err(Conflict(taken));
        }
        self.apply(change);
        Ok(())
    }

    fn clash_of(&self, change: &Change) -> Option<Guard> {
        match change {
            Change::PutUser(user) => self.clash(user),
            Change::PutServiceAccount(account) => self.service_accounts.clash(account),
            Change::RemoveUser(_)
            | Change::PutSession(_)
            | Change::RemoveSession(_)
            | Change::RemoveSessionsOf { .. }
            | Change::RemoveServiceAccount(_) => None,
        }
    }

    /// The first unique value of `user` that belongs to another user, if any. Unchanged names are not checked.
    pub(crate) fn clash(&self, user: &User) -> Option<Guard> {
        if self.user(user.id).is_some_and(|before| has_same_names(before, user)) {
            return None;
        }
        let taken = |owner: Option<UserId>| owner.is_some_and(|owner| owner != user.id);
        if taken(self.username_owner(user.username.key())) {
            return Some(Guard::UsernameFree(user.username.key().clone(), user.id));
        }
        if let Some(email) = user.email.as_ref().filter(|email| taken(self.email_owner(email.key()))) {
            return Some(Guard::EmailFree(email.key().clone(), user.id));
        }
        if let Some(external) = user.external_id.as_ref().filter(|own| taken(self.external_id_owner(own))) {
            return Some(Guard::ExternalIdFree(external.clone(), user.id));
        }
        let alias = user.login_alias.as_ref().filter(|alias| taken(self.alias_owner(alias.key())));
        match alias {
            Some(alias) => Some(Guard::AliasFree(alias.key().clone(), user.id)),
            None => self.shadow(user),
        }
    }

    /// The first name of `user` that is an alias of another user, or the other way round: it would log one of them
    /// into the other's account.
    pub(super) fn shadow(&self, user: &User) -> Option<Guard> {
        let taken = |owner: Option<UserId>| owner.is_some_and(|owner| owner != user.id);
        if self.has_aliases() {
            let old_spelling = |name: &str| taken(self.alias_owner(Login::new(name).alias()));
            if old_spelling(user.username.as_str()) {
                return Some(Guard::UsernameFree(user.username.key().clone(), user.id));
            }
            if let Some(email) = user.email.as_ref().filter(|email| old_spelling(email.as_str())) {
                return Some(Guard::EmailFree(email.key().clone(), user.id));
            }
        }
        let alias = user.login_alias.as_ref()?;
        let login = Login::new(alias.as_str());
        let named = login.email().is_some_and(|key| taken(self.email_owner(key)))
            || login.username().is_some_and(|key| taken(self.username_owner(key)));
        named.then(|| Guard::AliasFree(alias.key().clone(), user.id))
    }

    /// Makes the change, whose guards were checked.
    pub(crate) fn apply(&mut self, change: &Change) {
        match change {
            Change::PutUser(user) => self.put(user),
            Change::RemoveUser(id) => {
                self.remove(*id);
                self.sessions.remove_all_of(*id, None);
            }
            Change::PutSession(session) => self.put_session(session),
            Change::RemoveSession(id) => self.sessions.remove(*id),
            Change::RemoveSessionsOf { user, keep } => self.sessions.remove_all_of(*user, *keep),
            Change::PutServiceAccount(account) => self.service_accounts.put(account),
            Change::RemoveServiceAccount(id) => self.service_accounts.remove(*id),
        }
    }

    fn holds<'a>(&'a self, guard: &Guard, users: &mut GuardedUsers<'a>) -> bool {
        let mut user_has = |id: UserId, test: &dyn Fn(&User) -> bool| users.user(id).is_some_and(test);
        let account_has = |id: ServiceAccountId, test: &dyn Fn(&ServiceAccount) -> bool| {
            self.service_accounts.account(id).is_some_and(|account| test(account))
        };
        match guard {
            Guard::UserAbsent(id) => self.user(*id).is_none(),
            Guard::UserVersion(id, version) => user_has(*id, &|user| user.version == *version),
            Guard::UsernameFree(key, id) => free(self.username_owner(key), *id),
            Guard::EmailFree(key, id) => free(self.email_owner(key), *id),
            Guard::ExternalIdFree(external, id) => free(self.external_id_owner(external), *id),
            Guard::AliasFree(key, id) => free(self.alias_owner(key), *id),
            Guard::CredentialIs(id, credential) => user_has(*id, &|user| user.credential == *credential),
            Guard::LastLoginIs(id, at) => user_has(*id, &|user| user.last_login_at == *at),
            Guard::AuthEpoch(id, epoch) => user_has(*id, &|user| user.auth_epoch == *epoch),
            Guard::AnotherAdminRemains(id) => self.admins.iter().any(|admin| admin != id),
            Guard::NoActiveAdmin => !self.has_active_admin(),
            Guard::RefreshTokenLive(id, digest) => {
                self.sessions.get(*id).is_some_and(|session| session.refresh.current == *digest)
            }
            Guard::SessionOver(id, now) => {
                self.sessions.get(*id).is_none_or(|session| !session.is_live(*now))
            }
            Guard::SessionExists(id) => self.sessions.get(*id).is_some(),
            Guard::SessionCount(user, count) => self.sessions.of(*user).count() == *count,
            Guard::ServiceAccountVersion(id, version) => {
                account_has(*id, &|account| account.version == *version)
            }
            Guard::ServiceAccountNameFree(name, id) => free(self.service_accounts.name_owner(name), *id),
            Guard::ApiKeyPrefixFree(prefix, id) => free(self.service_accounts.prefix_owner(prefix), *id),
            Guard::ApiKeyGood(id, key) => {
                account_has(*id, &|account| account.is_active() && account.key(*key).is_some())
            }
            Guard::LastKeyUseIs(id, at) => account_has(*id, &|account| account.last_used_at() == *at),
        }
    }
}

/// Looks up the users of guards. Most guards of a unit are about one user, who is looked up once.
struct GuardedUsers<'a> {
    state: &'a State,
    last: Option<(UserId, Option<&'a User>)>,
}

impl<'a> GuardedUsers<'a> {
    fn user(&mut self, id: UserId) -> Option<&'a User> {
        match self.last {
            Some((known, user)) if known == id => user,
            _ => {
                let user = self.state.user(id).map(|user| &**user);
                self.last = Some((id, user));
                user
            }
        }
    }
}

/// Whether nobody, or only `id`, has it.
fn free<T: Copy + PartialEq>(owner: Option<T>, id: T) -> bool {
    owner.is_none_or(|owner| owner == id)
}

/// Whether two states of a user agree in all unique values.
fn has_same_names(before: &User, after: &User) -> bool {
    before.username == after.username
        && before.email == after.email
        && before.external_id == after.external_id
        && before.login_alias == after.login_alias
}
