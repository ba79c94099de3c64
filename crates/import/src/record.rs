//! A parsed record: the person in it, ready to be compared with the store.

use crate::attributes::keep_old_id;
use crate::envelope::unwrap::unwrap;
use crate::explain::field_use::FieldUse;
use crate::fields::field::Fields;
use crate::fields::numbers;
use crate::fields::parser::{RecordParser, Rules};
use crate::file::row;
use crate::file::snippet::RawRecord;
use crate::mapping;
use crate::names::record_names::Names;
use crate::profile::{CREATED_NAMES, LAST_LOGIN_NAMES, Profile, UPDATED_NAMES};
use crate::report::location::RecordLocation;
use crate::report::note::Note;
use crate::report::refusal::Refusal;
use crate::secrets::credential::ImportedCredential;
use jiff::Timestamp;
use roster_domain::{Attributes, Credential, ExternalId, RoleSet, Status, User, UserId, Username};

/// The person in a record, not yet a user.
pub struct Person {
    /// The names that no other user may have.
    pub names: Names,
    /// Whether the old system had verified the email address.
    pub email_verified: bool,
    /// The optional fields that need no decision.
    pub profile: Profile,
    /// The status: the most restrictive one that any field asks for.
    pub status: Status,
    /// The roles, those granted by a [`RoleMapping`](crate::RoleMapping) included.
    pub roles: RoleSet,
    /// The fields that have no other place here.
    pub attributes: Attributes,
    /// When the account was created; when the import began if the record does not say.
    pub created_at: Timestamp,
    /// When the account was last changed; `created_at` if the record does not say.
    pub updated_at: Timestamp,
    /// When the person last logged in.
    pub last_login_at: Option<Timestamp>,
    /// What the person logs in with.
    pub credential: ImportedCredential,
    /// Whether the password is a temporary one.
    pub must_change_password: bool,
}

/// A record that was parsed.
pub struct ParsedRecord {
    /// The person in it.
    pub person: Person,
    /// What the import changed or left out, for the report.
    pub notes: Vec<Note>,
    /// The indexes of the role mappings that match something in the record.
    pub matched_mappings: Vec<usize>,
}

/// Parses the JSON of a record, for its fields to be interpreted.
///
/// # Errors
/// If it is not a JSON object.
pub(crate) fn parse_fields<'a>(
    record: &RawRecord,
    rules: &'a Rules<'a>,
) -> Result<RecordParser<'a>, Refusal> {
    let snippet = row::without_name(record.body.as_ref().map_err(Clone::clone)?);
    let (mut fields, inexact) = numbers::fields(&snippet)?;
    unwrap(&mut fields);
    let options = rules.options;
    let matched_columns = mapping::apply(&mut fields, &options.field_mappings, &options.value_mappings);
    let mut parser = RecordParser::new(fields, rules);
    parser.matched_columns = matched_columns;
    parser.notes.extend(record.notes.iter().cloned());
    parser.notes.extend(inexact.into_iter().map(Note::NumberAsText));
    Ok(parser)
}

/// The times in a record.
struct Times {
    created: Option<Timestamp>,
    updated: Option<Timestamp>,
    last_login: Option<Timestamp>,
}

impl Times {
    fn take(parser: &mut RecordParser<'_>, observe: &mut dyn FnMut(Option<FieldUse>, &Fields)) -> Self {
        let created = parser.time(&CREATED_NAMES, "the time of import used");
        observe(Some(FieldUse::CreatedAt), &parser.fields);
        let updated = parser.time(&UPDATED_NAMES, "the time of creation used");
        observe(Some(FieldUse::UpdatedAt), &parser.fields);
        let last_login = parser.time(&LAST_LOGIN_NAMES, "left empty").or(parser.last_login);
        observe(Some(FieldUse::LastLoginAt), &parser.fields);
        Self { created, updated, last_login }
    }
}

impl ParsedRecord {
    /// Interprets the fields of the record at `location`.
    ///
    /// # Errors
    /// If they do not make a person.
    pub(crate) fn parse(parser: RecordParser<'_>, location: &RecordLocation) -> Result<Self, Refusal> {
        Self::parse_observed(parser, location, &mut |_, _| {})
    }

    /// Like [`Self::parse`]. After each step, `observe` gets the use of the fields that were taken in it, `None` for names,
    /// and the fields that are left.
    ///
    /// # Errors
    /// If the fields do not make a person.
    pub(crate) fn parse_observed(
        mut parser: RecordParser<'_>,
        location: &RecordLocation,
        observe: &mut dyn FnMut(Option<FieldUse>, &Fields),
    ) -> Result<Self, Refusal> {
        parser.take_export_mark()?;
        observe(Some(FieldUse::Export), &parser.fields);
        let names = parser.names(location.key())?;
        observe(None, &parser.fields);
        let profile = parser.profile();
        observe(Some(FieldUse::DisplayName), &parser.fields);
        let roles = parser.roles()?;
        observe(Some(FieldUse::Role), &parser.fields);
        let times = Times::take(&mut parser, observe);
        let verified = parser.email_verified();
        observe(Some(FieldUse::EmailVerified), &parser.fields);
        let credential = parser.credential();
        observe(Some(FieldUse::Password), &parser.fields);
        let status = parser.status(times.updated, &credential);
        observe(Some(FieldUse::Status), &parser.fields);
        let attributes = parser.attributes()?;
        let created_at = times.created.unwrap_or(parser.rules.now);
        let person = Person {
            email_verified: names.email.is_some() && verified,
            names,
            profile,
            status,
            roles,
            attributes,
            created_at,
            updated_at: times.updated.unwrap_or(created_at),
            last_login_at: times.last_login,
            credential,
            must_change_password: parser.own_export.is_some_and(|export| export.must_change_password),
        };
        Ok(Self { person, notes: parser.notes, matched_mappings: parser.matched_mappings })
    }

    /// Gives up the kept id because it is taken. It becomes the external id, or an attribute if there is an external id.
    ///
    /// # Errors
    /// [`Refusal::Attributes`] if there is no room for another attribute.
    pub fn release_id(&mut self) -> Result<(), Refusal> {
        let Some(id) = self.person.names.kept_id.take() else { return Ok(()) };
        self.notes.push(Note::IdTaken(id.to_string()));
        if self.person.names.external_id.is_none() {
            self.person.names.external_id = Some(ExternalId::new(id.to_string())?);
            return Ok(());
        }
        let mut kept = self.person.attributes.as_map().clone();
        keep_old_id(&mut kept, id.to_string());
        self.notes.push(Note::OldIdInAttribute("id".to_owned()));
        self.person.attributes = Attributes::new(kept)?;
        Ok(())
    }
}

impl Person {
    /// Whether `user` has this person's username, or one that an import may have generated for them.
    #[must_use]
    pub fn is(&self, user: &User) -> bool {
        let candidates = self.names.username.candidates(self.names.email.as_ref());
        candidates.iter().any(|username| username.key() == user.username.key())
    }

    /// The id by which a second import recognises the person.
    #[must_use]
    pub fn identifier(&self) -> String {
        let external = self.names.external_id.as_ref().map(|id| id.as_str().to_owned());
        external.or_else(|| self.names.kept_id.map(|id| id.to_string())).unwrap_or_default()
    }

    /// The person as a user.
    #[must_use]
    pub fn to_user(&self, id: UserId, username: Username, credential: Credential) -> User {
        let mut user = User::new(id, username, self.roles.clone(), self.created_at);
        user.email.clone_from(&self.names.email);
        user.email_verified = self.email_verified;
        self.profile.copy_to(&mut user);
        user.status = self.status;
        user.attributes.clone_from(&self.attributes);
        user.external_id.clone_from(&self.names.external_id);
        user.login_alias.clone_from(&self.names.login_alias);
        user.updated_at = self.updated_at;
        user.last_login_at = self.last_login_at;
        user.credential = credential;
        user.must_change_password = self.must_change_password;
        user
    }
}
