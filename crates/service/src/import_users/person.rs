//! A record, understood.

use super::fields::{Field, Fields, as_flag};
use super::note::Note;
use super::password::Secret;
use super::place::Place;
use super::refusal::Refusal;
use super::{attributes, times};
use jiff::Timestamp;
use roster_domain::{
    Attributes, AuthEpoch, Credential, DisplayName, EmailAddress, ExternalId, LoginAlias, RoleSet, Status,
    User, UserId, Username, Version,
};
use serde_json::{Map, Value};

const CREATED_NAMES: [&str; 5] = ["createdat", "created", "createdon", "datejoined", "joinedat"];
const UPDATED_NAMES: [&str; 4] = ["updatedat", "updated", "updatedon", "modifiedat"];
const LAST_LOGIN_NAMES: [&str; 3] = ["lastloginat", "lastlogin", "lastsigninat"];

/// A record as a person of Roster's, not yet stored.
pub(super) struct Person {
    pub(super) external_id: ExternalId,
    pub(super) username: Username,
    pub(super) login_alias: Option<LoginAlias>,
    pub(super) email: Option<EmailAddress>,
    pub(super) email_verified: bool,
    pub(super) display_name: Option<DisplayName>,
    pub(super) status: Status,
    pub(super) roles: RoleSet,
    pub(super) attributes: Attributes,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) last_login_at: Option<Timestamp>,
    pub(super) secret: Secret,
    pub(super) must_change_password: bool,
}

/// A record while it is being understood: the fields that are left, and what is to be told of it.
pub(super) struct Reading {
    pub(super) fields: Fields,
    pub(super) notes: Vec<Note>,
    pub(super) now: Timestamp,
}

impl Person {
    /// Understands the fields of the record at `place`; `now` stands in for times it does not tell.
    pub(super) fn read(
        fields: Map<String, Value>,
        place: &Place,
        now: Timestamp,
    ) -> Result<(Self, Vec<Note>), Refusal> {
        let mut reading = Reading { fields: Fields::new(fields), notes: Vec::new(), now };
        let own = reading.own_export()?.unwrap_or_default();
        let names = reading.names(place.key())?;
        let display_name = reading.display_name();
        let roles = reading.roles()?;
        let created_at = reading.time(&CREATED_NAMES, "the time of import used");
        let updated_at = reading.time(&UPDATED_NAMES, "the time of creation used");
        let last_login_at = reading.time(&LAST_LOGIN_NAMES, "left empty");
        let verified = reading.email_verified();
        let secret = reading.secret();
        let status = own.reasoned(reading.status(updated_at, &secret));
        let attributes = attributes::of_rest(reading.fields, &mut reading.notes)?;
        let created_at = created_at.unwrap_or(now);
        let person = Self {
            external_id: names.external_id,
            username: names.username,
            login_alias: names.login_alias,
            email_verified: names.email.is_some() && verified,
            email: names.email,
            display_name,
            status,
            roles,
            attributes,
            created_at,
            updated_at: updated_at.unwrap_or(created_at),
            last_login_at,
            secret,
            must_change_password: own.must_change_password,
        };
        Ok((person, reading.notes))
    }

    /// The person as a user.
    pub(super) fn into_user(self, id: UserId, credential: Credential) -> User {
        User {
            id,
            username: self.username,
            email: self.email,
            email_verified: self.email_verified,
            display_name: self.display_name,
            status: self.status,
            roles: self.roles,
            attributes: self.attributes,
            external_id: Some(self.external_id),
            login_alias: self.login_alias,
            created_at: self.created_at,
            updated_at: self.updated_at,
            last_login_at: self.last_login_at,
            version: Version::FIRST,
            auth_epoch: AuthEpoch::FIRST,
            credential,
            must_change_password: self.must_change_password,
        }
    }
}

impl Reading {
    /// Keeps a field that makes no sense among the attributes, and says so.
    pub(super) fn keep(&mut self, field: Field, instead: &'static str) {
        self.notes.push(Note::NotUnderstood { field: field.name.clone(), instead });
        self.fields.give_back(field);
    }

    fn time(&mut self, names: &[&str], instead: &'static str) -> Option<Timestamp> {
        let field = self.fields.take(names)?;
        let time = times::understood(&field.value);
        if time.is_none() {
            self.keep(field, instead);
        }
        time
    }

    /// The name to show; from its parts, which stay among the attributes, if there is no whole one.
    fn display_name(&mut self) -> Option<DisplayName> {
        let Some(field) = self.fields.take(&["displayname", "fullname", "name"]) else {
            let parts = [self.fields.text("firstname"), self.fields.text("lastname")];
            return DisplayName::new(
                parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "),
            )
            .ok();
        };
        let name = field.value.as_str().and_then(|text| DisplayName::new(text).ok());
        if name.is_none() {
            self.keep(field, "left empty");
        }
        name
    }

    /// A time counts as yes: some systems keep when it was verified.
    fn email_verified(&mut self) -> bool {
        let Some(field) = self.fields.take(&["emailverified", "emailverifiedat"]) else { return false };
        let flag = as_flag(&field.value);
        let verified = flag.or_else(|| times::understood(&field.value).map(|_| true));
        if verified.is_none() {
            self.keep(field, "taken as not verified");
        }
        verified.unwrap_or(false)
    }
}
