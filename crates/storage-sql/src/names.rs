//! Unique values of users. The table `login_names` is one namespace of everything that a user logs in with, because
//! separate unique columns cannot say that an alias of one user is not the username of another.

use roster_domain::{Login, User};
use roster_storage::Guard;

/// A value that no two users have, and the guard that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Where it is unique.
    pub space: ClaimSpace,
    /// The value.
    pub value: String,
    /// The conflict if another user has it.
    pub guard: Guard,
}

/// Where a value is unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClaimSpace {
    /// `name` in `login_names`.
    LoginName,
    /// `external_id` in `users`.
    ExternalId,
}

impl Claim {
    /// Whether one of these guards says that nobody else has the value. That of an alias is about one of its two values.
    #[must_use]
    pub fn is_covered_by(&self, held: &[Guard]) -> bool {
        let is_of_alias = matches!(self.guard, Guard::AliasFree(..));
        !is_of_alias && held.contains(&self.guard)
    }
}

/// Everything that only this user may have, in the order in which conflicts are reported.
#[must_use]
pub fn claims(user: &User) -> Vec<Claim> {
    let id = user.id;
    let mut claims = Vec::new();
    let mut claim = |space, value: &str, guard: Guard| {
        let value = value.to_owned();
        if !claims.iter().any(|known: &Claim| known.space == space && known.value == value) {
            claims.push(Claim { space, value, guard });
        }
    };
    let username = user.username.key();
    claim(ClaimSpace::LoginName, username.as_str(), Guard::UsernameFree(username.clone(), id));
    if let Some(email) = user.email.as_ref().map(roster_domain::EmailAddress::key) {
        claim(ClaimSpace::LoginName, email.as_str(), Guard::EmailFree(email.clone(), id));
    }
    if let Some(external_id) = &user.external_id {
        claim(ClaimSpace::ExternalId, external_id.as_str(), Guard::ExternalIdFree(external_id.clone(), id));
    }
    if let Some(alias) = &user.login_alias {
        let guard = Guard::AliasFree(alias.key().clone(), id);
        claim(ClaimSpace::LoginName, alias.key().as_str(), guard.clone());
        // Whoever types the alias may mean this username or email address, which is looked up first.
        claim(ClaimSpace::LoginName, Login::new(alias.as_str()).key(), guard);
    }
    claims
}

/// The names of `login_names` under which a login is looked up, the first one first. There is none for a login that
/// no stored name can equal, because it has NUL, which PostgreSQL does not store.
#[must_use]
pub fn login_candidates(login: &Login) -> Vec<&str> {
    let mut names = vec![login.key()];
    if login.alias().as_str() != login.key() {
        names.push(login.alias().as_str());
    }
    names.retain(|name| !name.contains('\0'));
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use roster_domain::{ExternalId, LoginAlias, fixtures};

    fn names(user: &User, space: ClaimSpace) -> Vec<String> {
        claims(user).into_iter().filter(|claim| claim.space == space).map(|claim| claim.value).collect()
    }

    #[test]
    fn a_user_claims_every_name_once() {
        let user = fixtures::user(1).with(|user| {
            user.external_id = ExternalId::new("usr_1").ok();
            user.login_alias = LoginAlias::new("PERSON1").ok();
        });
        assert_eq!(names(&user, ClaimSpace::LoginName), ["person1", "person1@example.com"]);
        assert_eq!(names(&user, ClaimSpace::ExternalId), ["usr_1"]);
    }

    #[test]
    fn an_alias_claims_what_its_spelling_means_as_a_username() {
        let user = fixtures::user(1).with(|user| user.login_alias = LoginAlias::new("ΟΔΟΣ").ok());
        let names = names(&user, ClaimSpace::LoginName);
        assert!(names.contains(&Login::new("ΟΔΟΣ").key().to_owned()), "{names:?}");
        assert!(names.contains(&Login::new("ΟΔΟΣ").alias().as_str().to_owned()), "{names:?}");
    }

    #[test]
    fn a_login_with_nul_is_not_looked_up() {
        assert!(login_candidates(&Login::new("ad\0a")).is_empty());
        assert_eq!(login_candidates(&Login::new("ADA")), ["ada"]);
    }
}
