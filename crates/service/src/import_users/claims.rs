//! Who in a file has which name.

use super::person::Person;
use super::place::Place;
use super::refusal::{Holder, Refusal};
use roster_domain::{AliasKey, EmailKey, ExternalId, User, UsernameKey};
use std::collections::HashMap;
use std::sync::Arc;

/// The names of the people met so far in a file, imported or there already, each with the record.
#[derive(Default)]
pub(super) struct Claims {
    usernames: HashMap<UsernameKey, Arc<Holder>>,
    emails: HashMap<EmailKey, Arc<Holder>>,
    external_ids: HashMap<ExternalId, Arc<Holder>>,
    aliases: HashMap<AliasKey, Arc<Holder>>,
}

impl Claims {
    /// Refuses a person whose external id an earlier record has.
    pub(super) fn check_external_id(&self, person: &Person) -> Result<(), Refusal> {
        match self.external_ids.get(&person.external_id) {
            Some(holder) => Err(external_id_taken(person, holder)),
            None => Ok(()),
        }
    }

    /// Refuses a person one of whose names an earlier record has.
    pub(super) fn check_names(&self, person: &Person) -> Result<(), Refusal> {
        if let Some(holder) = self.usernames.get(person.username.key()) {
            return Err(username_taken(person, holder));
        }
        let email = person.email.as_ref();
        if let Some((email, holder)) = email.and_then(|email| Some((email, self.emails.get(email.key())?))) {
            return Err(Refusal::EmailTaken {
                wanted: email.as_str().to_owned(),
                holder: (**holder).clone(),
            });
        }
        let alias = person.login_alias.as_ref();
        if let Some((alias, holder)) = alias.and_then(|alias| Some((alias, self.aliases.get(alias.key())?))) {
            return Err(Refusal::AliasTaken {
                wanted: alias.as_str().to_owned(),
                holder: (**holder).clone(),
            });
        }
        Ok(())
    }

    /// Somebody in the store, with the record that they are if there was one.
    pub(super) fn holder(&self, user: &User) -> Holder {
        let username = user.username.as_str().to_owned();
        let known = user.external_id.as_ref().and_then(|id| self.external_ids.get(id));
        Holder { username, place: known.and_then(|holder| holder.place.clone()) }
    }

    /// Notes a person who will be imported.
    pub(super) fn add_person(&mut self, person: &Person, place: &Place) {
        let holder = Self::shared(person.username.as_str(), place);
        self.external_ids.insert(person.external_id.clone(), holder.clone());
        self.usernames.insert(person.username.key().clone(), holder.clone());
        if let Some(email) = &person.email {
            self.emails.insert(email.key().clone(), holder.clone());
        }
        if let Some(alias) = &person.login_alias {
            self.aliases.insert(alias.key().clone(), holder);
        }
    }

    /// Notes a person who is in the store already: the store knows their names.
    pub(super) fn add_user(&mut self, user: &User, place: &Place) {
        if let Some(external_id) = &user.external_id {
            self.external_ids.insert(external_id.clone(), Self::shared(user.username.as_str(), place));
        }
    }

    fn shared(username: &str, place: &Place) -> Arc<Holder> {
        Arc::new(Holder { username: username.to_owned(), place: Some(place.clone()) })
    }
}

pub(super) fn username_taken(person: &Person, holder: &Holder) -> Refusal {
    Refusal::UsernameTaken { wanted: person.username.as_str().to_owned(), holder: holder.clone() }
}

pub(super) fn external_id_taken(person: &Person, holder: &Holder) -> Refusal {
    Refusal::ExternalIdTaken { wanted: person.external_id.as_str().to_owned(), holder: holder.clone() }
}
