//! What is to be done about a record, and doing it.

use super::attributes::keep_second_id;
use super::claims::Claims;
use super::location::RecordLocation;
use super::note::Note;
use super::person::{Person, Understood};
use super::refusal::{Holder, Refusal};
use super::username::UsernameOrigin;
use crate::{Call, Error, Roster};
use roster_domain::{Attributes, ExternalId, Login, User, UserId, Username, policy};
use roster_storage::StoreError;
use std::sync::Arc;

/// What is to be done about a record.
pub(super) enum Decision {
    Import(Box<NewUser>),
    Unchanged(Arc<User>),
    Refuse(Refusal),
}

/// Somebody who comes in.
pub(super) struct NewUser {
    pub(super) person: Person,
    pub(super) username: Username,
    pub(super) notes: Vec<Note>,
}

/// Why there is no person to import: the record's fault, or the store's.
enum Obstacle {
    Refused(Refusal),
    Failed(Error),
}

impl From<Refusal> for Obstacle {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Obstacle {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// Leaves out an old spelling that is the name of another record.
fn give_up_alias(person: &mut Person, notes: &mut Vec<Note>, claims: &Claims) {
    if claims.is_alias_claimed(&person.names) {
        let alias = person.names.login_alias.take();
        notes.extend(alias.map(|alias| Note::AliasGaveWay(alias.as_str().to_owned())));
    }
}

impl Roster {
    /// Compares a record with the store and with the records before it.
    pub(super) async fn decide(
        &self,
        call: &Call,
        understood: Understood,
        location: &RecordLocation,
        claims: &mut Claims,
    ) -> Result<Decision, Error> {
        match self.consider(call, understood, location, claims).await {
            Ok(decision) => Ok(decision),
            Err(Obstacle::Refused(refusal)) => Ok(Decision::Refuse(refusal)),
            Err(Obstacle::Failed(error)) => Err(error),
        }
    }

    async fn consider(
        &self,
        call: &Call,
        understood: Understood,
        location: &RecordLocation,
        claims: &mut Claims,
    ) -> Result<Decision, Obstacle> {
        let Understood { mut person, mut notes, .. } = understood;
        claims.check_external_id(&person.names)?;
        if let Some(id) = &person.names.external_id
            && let Some(user) = self.store().user_by_external_id(id).await?
        {
            if !person.is(&user) {
                let wanted = id.as_str().to_owned();
                return Err(Refusal::ExternalIdTaken { wanted, holder: claims.holder(&user) }.into());
            }
            claims.add_user(&user, location);
            return Ok(Decision::Unchanged(user));
        }
        if let Some(user) = self.known_otherwise(&person).await? {
            claims.add_user(&user, location);
            return Ok(Decision::Unchanged(user));
        }
        policy::grant(&call.principal, &person.roles).map_err(Refusal::from)?;
        give_up_alias(&mut person, &mut notes, claims);
        self.settle_id(&mut person, &mut notes, claims).await?;
        let username = match self.free_names(&person, claims).await {
            Ok(username) => username,
            Err(obstacle) => {
                // Another import may have brought them in since the look-up above.
                let user = self.brought_in(&person).await?.ok_or(obstacle)?;
                claims.add_user(&user, location);
                return Ok(Decision::Unchanged(user));
            }
        };
        if username != person.names.username.base {
            notes.push(Note::UsernameGaveWay(username.as_str().to_owned()));
        }
        claims.add_person(&person.names, &username, location);
        Ok(Decision::Import(Box::new(NewUser { person, username, notes })))
    }

    /// The user whom a record means although the external id does not tell: whoever has the id that is to be kept, or the
    /// id in the place of an external one (as exports of this very store had it), or the address by which a version
    /// before this one named a person without a username.
    async fn known_otherwise(&self, person: &Person) -> Result<Option<Arc<User>>, StoreError> {
        let names = &person.names;
        let message = names.external_id.as_ref().and_then(|id| id.as_str().parse::<UserId>().ok());
        if let Some(id) = names.kept_id.or(message) {
            let user = self.store().user(id).await?;
            let is_named = |user: &User| names.kept_id.is_some() || user.external_id.is_none();
            if let Some(user) = user.filter(|user| is_named(user) && person.is(user)) {
                return Ok(Some(user));
            }
        }
        let (UsernameOrigin::FromEmail, Some(email)) = (names.username.origin, &names.email) else {
            return Ok(None);
        };
        let user = self.store().user_by_login(&Login::new(email.as_str())).await?;
        Ok(user.filter(|user| {
            user.email.as_ref().is_some_and(|held| held.key() == email.key())
                && user.external_id.as_ref().is_some_and(|id| id.as_str() == email.local_part())
                && names.external_id.as_ref().is_some_and(|id| id.as_str() == email.as_str())
        }))
    }

    /// The user with this external id or this id, if it is who the file means.
    pub(super) async fn brought_in(&self, person: &Person) -> Result<Option<Arc<User>>, StoreError> {
        let by_id = match &person.names.external_id {
            Some(id) => self.store().user_by_external_id(id).await?,
            None => None,
        };
        let by_id = match (by_id, person.names.kept_id) {
            (None, Some(id)) => self.store().user(id).await?,
            (found, _) => found,
        };
        Ok(by_id.filter(|user| person.is(user)))
    }

    /// Gives up an old id that somebody else has: it becomes the external id, or an attribute beside one.
    async fn settle_id(
        &self,
        person: &mut Person,
        notes: &mut Vec<Note>,
        claims: &Claims,
    ) -> Result<(), Obstacle> {
        let Some(id) = person.names.kept_id else { return Ok(()) };
        if !claims.is_id_held(&id.to_string()) && self.store().user(id).await?.is_none() {
            return Ok(());
        }
        person.names.kept_id = None;
        notes.push(Note::IdTaken(id.to_string()));
        if person.names.external_id.is_none() {
            person.names.external_id = Some(ExternalId::new(id.to_string()).map_err(Refusal::from)?);
            return Ok(());
        }
        let mut kept = person.attributes.as_map().clone();
        keep_second_id(&mut kept, id.to_string());
        notes.push(Note::SecondId("id".to_owned()));
        person.attributes = Attributes::new(kept).map_err(Refusal::from)?;
        Ok(())
    }

    /// The username that a person gets. Refuses one of whose names somebody in the store has, or an earlier record. The
    /// commit's guards have the last word; this one knows who it is.
    async fn free_names(&self, person: &Person, claims: &Claims) -> Result<Username, Obstacle> {
        let username = self.free_username(person, claims).await?;
        claims.check_email_and_alias(&person.names)?;
        if let Some(email) = &person.names.email
            && let Some(user) = self.found(email.as_str()).await?
        {
            let wanted = email.as_str().to_owned();
            return Err(Refusal::EmailTaken { wanted, holder: claims.holder(&user) }.into());
        }
        if let Some(alias) = &person.names.login_alias
            && let Some(user) = self.found(alias.as_str()).await?
        {
            let wanted = alias.as_str().to_owned();
            return Err(Refusal::AliasTaken { wanted, holder: claims.holder(&user) }.into());
        }
        Ok(username)
    }

    async fn free_username(&self, person: &Person, claims: &Claims) -> Result<Username, Obstacle> {
        let proposed = &person.names.username;
        let wanted = || proposed.base.as_str().to_owned();
        let mut first_holder: Option<Holder> = None;
        for username in proposed.candidates(person.names.email.as_ref()) {
            if proposed.origin == UsernameOrigin::Typed {
                if let Some(holder) = claims.username_holder(&username) {
                    return Err(Refusal::UsernameTaken { wanted: wanted(), holder }.into());
                }
            } else if claims.is_spoken_for(&username) {
                continue;
            }
            match self.found(username.as_str()).await? {
                None => return Ok(username),
                Some(user) => first_holder = first_holder.or_else(|| Some(claims.holder(&user))),
            }
        }
        let holder = first_holder.unwrap_or_else(|| Holder { username: wanted(), location: None });
        Err(Refusal::UsernameTaken { wanted: wanted(), holder }.into())
    }

    /// Whoever in the store logs in with a name: as their username, their address or an old spelling.
    async fn found(&self, login: &str) -> Result<Option<Arc<User>>, StoreError> {
        self.store().user_by_login(&Login::new(login)).await
    }
}
