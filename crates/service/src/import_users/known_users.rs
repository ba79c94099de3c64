//! What the store has under the names in some records, looked up at once.

use super::claims::Claims;
use crate::Roster;
use roster_domain::{EmailAddress, ExternalId, Login, LoginAlias, User, UserId, Username};
use roster_import::{ParsedRecord, Person, UsernameOrigin};
use roster_storage::{StoreError, UserKeys};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The users in the store who have a name or an id of some records.
#[derive(Default)]
pub(super) struct KnownUsers {
    by_id: HashMap<UserId, Arc<User>>,
    by_external_id: HashMap<ExternalId, Arc<User>>,
    by_login: HashMap<String, Arc<User>>,
    /// The names that were looked up, whether somebody has them or not.
    asked: HashSet<String>,
}

impl KnownUsers {
    /// Adds what was found under `keys`.
    pub(super) fn add(&mut self, keys: &UserKeys, found: Vec<Arc<User>>) {
        self.asked.extend(keys.logins.iter().map(|login| login.key().to_owned()));
        for user in found {
            self.add_user(&user);
        }
    }

    fn add_user(&mut self, user: &Arc<User>) {
        self.by_id.insert(user.id, Arc::clone(user));
        if let Some(id) = &user.external_id {
            self.by_external_id.insert(id.clone(), Arc::clone(user));
        }
        let email = user.email.as_ref().map(|email| email.key().as_str());
        for name in [Some(user.username.key().as_str()), email].into_iter().flatten() {
            self.by_login.insert(name.to_owned(), Arc::clone(user));
        }
        // An alias is looked up last.
        let Some(alias) = &user.login_alias else { return };
        for name in [alias.key().as_str(), Login::new(alias.as_str()).key()] {
            self.by_login.entry(name.to_owned()).or_insert_with(|| Arc::clone(user));
        }
    }

    /// The user with this id.
    pub(super) fn user(&self, id: UserId) -> Option<&Arc<User>> {
        self.by_id.get(&id)
    }

    /// The user with this id in another system.
    pub(super) fn user_by_external_id(&self, id: &ExternalId) -> Option<&Arc<User>> {
        self.by_external_id.get(id)
    }

    /// The user who can log in with this name: a username, an email address or an original spelling.
    pub(super) fn user_by_login(&self, name: &str) -> Option<&Arc<User>> {
        if self.by_login.is_empty() {
            return None;
        }
        let login = Login::new(name);
        self.by_login.get(login.key()).or_else(|| self.by_login.get(login.alias().as_str()))
    }

    /// The user with this person's external id or kept id, if the username matches too.
    pub(super) fn find_imported(&self, person: &Person) -> Option<&Arc<User>> {
        let by_external_id = person.names.external_id.as_ref().and_then(|id| self.user_by_external_id(id));
        let by_id = || person.names.kept_id.and_then(|id| self.user(id));
        by_external_id.or_else(by_id).filter(|user| person.is(user))
    }

    /// Whether the username of this record may be one that was not looked up, because those before it are taken.
    pub(super) fn lacks_username(&self, record: &ParsedRecord, claims: &Claims) -> bool {
        let mut candidates = open_candidates(&record.person, claims);
        let next = candidates.find(|name| self.user_by_login(name.as_str()).is_none());
        next.is_some_and(|name| !self.asked.contains(Login::new(name.as_str()).key()))
    }
}

impl Roster {
    /// Looks up users.
    pub(super) async fn known_users(&self, keys: &UserKeys) -> Result<KnownUsers, StoreError> {
        let mut known = KnownUsers::default();
        self.look_up(keys, &mut known).await?;
        Ok(known)
    }

    /// Looks up more users.
    pub(super) async fn look_up(&self, keys: &UserKeys, known: &mut KnownUsers) -> Result<(), StoreError> {
        if !keys.is_empty() {
            known.add(keys, self.store().users_by_keys(keys).await?);
        }
        Ok(())
    }
}

/// The usernames that the person may get and that no other record has.
fn open_candidates(person: &Person, claims: &Claims) -> impl Iterator<Item = Username> {
    let proposed = &person.names.username;
    let is_verbatim = proposed.origin == UsernameOrigin::Verbatim;
    let candidates = proposed.candidates(person.names.email.as_ref()).into_iter();
    candidates.filter(move |name| is_verbatim || !claims.is_username_claimed(name))
}

/// Everything under which a record is looked up first.
pub(super) fn keys_of<'r>(records: impl Iterator<Item = &'r ParsedRecord>) -> UserKeys {
    let mut keys = UserKeys::default();
    for record in records {
        let names = &record.person.names;
        if let Some(id) = names.kept_id {
            keys.ids.push(id);
            // Where the id was taken, an earlier import has kept it there.
            keys.external_ids.extend(ExternalId::new(id.to_string()));
        }
        if let Some(id) = &names.external_id {
            // Exports of this store have the user id there.
            keys.ids.extend(id.as_str().parse::<UserId>());
            keys.external_ids.push(id.clone());
        }
        let email = names.email.as_ref().map(EmailAddress::as_str);
        let alias = names.login_alias.as_ref().map(LoginAlias::as_str);
        let texts = [Some(names.username.base.as_str()), email, alias].into_iter().flatten();
        keys.logins.extend(texts.map(Login::new));
    }
    keys
}

/// All usernames that these records may get.
pub(super) fn usernames_of<'r>(records: impl Iterator<Item = &'r ParsedRecord>) -> UserKeys {
    let names = records.map(|record| &record.person.names);
    let candidates = names.flat_map(|names| names.username.candidates(names.email.as_ref()));
    UserKeys { logins: candidates.map(|name| Login::new(name.as_str())).collect(), ..UserKeys::default() }
}

/// The ids by which [`KnownUsers::find_imported`] recognises these people.
pub(super) fn ids_of<'p>(people: impl Iterator<Item = &'p Person>) -> UserKeys {
    let mut keys = UserKeys::default();
    for person in people {
        keys.ids.extend(person.names.kept_id);
        keys.external_ids.extend(person.names.external_id.clone());
    }
    keys
}
