//! Judges guards by the state.

use roster_domain::{ServiceAccountId, User, UserId};
use roster_storage::{Conflict, Guard};

use super::current_state::{AccountState, CurrentState};

impl CurrentState {
    /// Checks guards, in order.
    ///
    /// # Errors
    /// [`Conflict`] with the first one that does not hold.
    pub(super) fn check(&self, guards: &[Guard]) -> Result<(), Conflict> {
        let broken = guards.iter().find(|guard| !self.holds(guard));
        broken.map_or(Ok(()), |guard| Err(Conflict(guard.clone())))
    }

    fn holds(&self, guard: &Guard) -> bool {
        match guard {
            Guard::UserAbsent(id) => !self.users.contains_key(id),
            Guard::UserVersion(id, version) => self.user_has(*id, |user| user.version == *version),
            Guard::CredentialIs(id, credential) => self.user_has(*id, |user| user.credential == *credential),
            Guard::LastLoginIs(id, at) => self.user_has(*id, |user| user.last_login_at == *at),
            Guard::AuthEpoch(id, epoch) => self.user_has(*id, |user| user.auth_epoch == *epoch),
            Guard::UsernameFree(key, id) => is_free(self.login_names.get(key.as_str()), *id),
            Guard::EmailFree(key, id) => is_free(self.login_names.get(key.as_str()), *id),
            Guard::AliasFree(key, id) => is_free(self.login_names.get(key.as_str()), *id),
            Guard::ExternalIdFree(external, id) => is_free(self.external_ids.get(external.as_str()), *id),
            Guard::AnotherAdminRemains(id) => self.admins.iter().any(|admin| admin != id),
            Guard::NoActiveAdmin => self.admins.is_empty(),
            Guard::RefreshTokenLive(id, digest) => {
                self.sessions.get(id).is_some_and(|session| session.current == *digest)
            }
            Guard::SessionExists(id) => self.sessions.contains_key(id) || self.other_sessions.contains(id),
            Guard::SessionOver(id, now) => {
                self.sessions.get(id).is_none_or(|session| session.expires_at <= *now)
            }
            Guard::SessionCount(user, count) => {
                self.session_counts.get(user).copied().unwrap_or_default() == *count
            }
            Guard::ServiceAccountVersion(id, version) => {
                self.account_has(*id, |account| account.version == *version)
            }
            Guard::ServiceAccountNameFree(name, id) => is_free(self.account_names.get(name.as_str()), *id),
            Guard::ApiKeyPrefixFree(prefix, id) => is_free(self.prefixes.get(prefix.as_str()), *id),
            Guard::ApiKeyGood(id, key) => {
                self.account_has(*id, |account| account.is_active && account.keys.contains_key(key))
            }
            Guard::LastKeyUseIs(id, at) => {
                self.account_has(*id, |account| account.keys.values().copied().flatten().max() == *at)
            }
        }
    }

    fn user_has(&self, id: UserId, test: impl FnOnce(&User) -> bool) -> bool {
        self.users.get(&id).is_some_and(|user| test(user))
    }

    fn account_has(&self, id: ServiceAccountId, test: impl FnOnce(&AccountState) -> bool) -> bool {
        self.accounts.get(&id).is_some_and(test)
    }
}

/// Whether no user, or only `id`, has it.
pub(super) fn is_free<T: Copy + PartialEq>(owner: Option<&T>, id: T) -> bool {
    owner.is_none_or(|owner| *owner == id)
}
