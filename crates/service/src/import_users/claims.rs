//! Tracks which record of the file has which name.

use roster_domain::{EmailAddress, ExternalId, Login, User, Username};
use roster_import::{
    Holder, NameHash, NameHasher, NameKind, Names, RecordLocation, Refusal, Survey, UsernameOrigin,
};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The names of the records so far, whether they are imported or already in the store. Keeps only names that several
/// records have and usernames that the import generated, in a few bytes each, and the first holders in full.
pub(super) struct Claims {
    hasher: NameHasher,
    survey: Arc<Survey>,
    holders: HashMap<usize, Holder>,
    /// The line of the first record with each repeated name, or 0.
    lines: Vec<u32>,
    /// Usernames that the import generated.
    generated: HashSet<NameHash>,
}

/// How many holders are kept in full. For the others, the report gives only the line.
const MAX_HOLDERS: usize = 10_000;

impl Claims {
    pub(crate) fn new(hasher: NameHasher, survey: Arc<Survey>) -> Self {
        let lines = vec![0; survey.repeated_len()];
        Self { hasher, survey, holders: HashMap::new(), lines, generated: HashSet::new() }
    }

    /// Refuses a person if an earlier record has the same external id.
    pub(crate) fn check_external_id(&self, names: &Names) -> Result<(), Refusal> {
        let Some(id) = &names.external_id else { return Ok(()) };
        match self.holder_of(NameKind::ExternalId, id.as_str()) {
            Some(holder) => Err(Refusal::ExternalIdTaken { wanted: id.as_str().to_owned(), holder }),
            None => Ok(()),
        }
    }

    /// Refuses a person if an earlier record has the same email address or original spelling.
    pub(crate) fn check_email_and_alias(&self, names: &Names) -> Result<(), Refusal> {
        if let Some(email) = &names.email
            && let Some(holder) = self.holder_of(NameKind::Email, email.key().as_str())
        {
            return Err(Refusal::EmailTaken { wanted: email.as_str().to_owned(), holder });
        }
        if let Some(alias) = &names.login_alias
            && let Some(holder) = self.holder_of(NameKind::Alias, alias.key().as_str())
        {
            return Err(Refusal::AliasTaken { wanted: alias.as_str().to_owned(), holder });
        }
        Ok(())
    }

    /// Whether the original spelling of a person's username is the username or the address of another record.
    pub(crate) fn is_alias_claimed(&self, names: &Names) -> bool {
        let Some(alias) = &names.login_alias else { return false };
        let login = Login::new(alias.as_str());
        let own = names.email.as_ref().map(EmailAddress::key);
        let email = login.email().filter(|email| Some(*email) != own);
        let claimed = |kind, name: &str| self.survey.is_claimed(self.hasher.hash(kind, name));
        email.is_some_and(|email| claimed(NameKind::Email, email.as_str()))
            || login.username().is_some_and(|name| claimed(NameKind::Username, name.as_str()))
    }

    /// The earlier record that has this username.
    pub(crate) fn username_holder(&self, username: &Username) -> Option<Holder> {
        self.holder_of(NameKind::Username, username.key().as_str())
    }

    /// Whether a generated username is taken: a record has it, or it was generated for an earlier record.
    pub(crate) fn is_username_claimed(&self, username: &Username) -> bool {
        let key = username.key().as_str();
        let name = self.hasher.hash(NameKind::Username, key);
        let alias = self.hasher.hash(NameKind::Alias, key);
        self.survey.is_claimed(name) || self.survey.is_claimed(alias) || self.generated.contains(&name)
    }

    /// Whether an earlier record keeps this id as its user id.
    pub(crate) fn is_id_held(&self, id: &str) -> bool {
        self.holder_of(NameKind::Id, id).is_some()
    }

    /// A user as the holder of a name, with the location of their record if the file contains one.
    pub(crate) fn holder(&self, user: &User) -> Holder {
        let record =
            user.external_id.as_ref().and_then(|id| self.holder_of(NameKind::ExternalId, id.as_str()));
        Holder {
            username: user.username.as_str().to_owned(),
            location: record.and_then(|holder| holder.location),
        }
    }

    /// Adds a person who is imported as `username`.
    pub(crate) fn add_person(&mut self, names: &Names, username: &Username, location: &RecordLocation) {
        if names.username.origin != UsernameOrigin::Verbatim {
            self.generated.insert(self.hasher.hash(NameKind::Username, username.key().as_str()));
        }
        self.claim(NameKind::Username, Some(username.key().as_str()), username, location);
        let email = names.email.as_ref().map(|email| email.key().as_str());
        self.claim(NameKind::Email, email, username, location);
        let alias = names.login_alias.as_ref().map(|alias| alias.key().as_str());
        self.claim(NameKind::Alias, alias, username, location);
        let external_id = names.external_id.as_ref().map(ExternalId::as_str);
        self.claim(NameKind::ExternalId, external_id, username, location);
        self.claim(NameKind::Id, names.kept_id.map(|id| id.to_string()).as_deref(), username, location);
    }

    /// Adds a user who is already in the store, with the names they have there.
    pub(crate) fn add_user(&mut self, user: &User, location: &RecordLocation) {
        let username = &user.username;
        self.claim(NameKind::Username, Some(username.key().as_str()), username, location);
        self.claim(
            NameKind::Email,
            user.email.as_ref().map(|email| email.key().as_str()),
            username,
            location,
        );
        self.claim(
            NameKind::Alias,
            user.login_alias.as_ref().map(|alias| alias.key().as_str()),
            username,
            location,
        );
        self.claim(
            NameKind::ExternalId,
            user.external_id.as_ref().map(ExternalId::as_str),
            username,
            location,
        );
    }

    fn claim(&mut self, kind: NameKind, name: Option<&str>, username: &Username, location: &RecordLocation) {
        let Some(name) = name else { return };
        let Some(index) = self.survey.repeated(self.hasher.hash(kind, name)) else { return };
        if let Some(line) = self.lines.get_mut(index).filter(|line| **line == 0) {
            *line = u32::try_from(location.line()).unwrap_or(u32::MAX);
            if self.holders.len() < MAX_HOLDERS {
                let username = username.as_str().to_owned();
                self.holders.insert(index, Holder { username, location: Some(location.clone()) });
            }
        }
    }

    fn holder_of(&self, kind: NameKind, name: &str) -> Option<Holder> {
        let index = self.survey.repeated(self.hasher.hash(kind, name))?;
        let line = *self.lines.get(index).filter(|line| **line != 0)?;
        let by_line = || {
            let line = usize::try_from(line).unwrap_or(usize::MAX);
            Holder { username: name.to_owned(), location: Some(RecordLocation::Line { line }) }
        };
        Some(self.holders.get(&index).cloned().unwrap_or_else(by_line))
    }
}
