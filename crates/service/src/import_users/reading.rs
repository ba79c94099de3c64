//! A record while it is being understood.

use super::fields::{Field, Fields};
use super::note::Note;
use super::options::ImportOptions;
use super::own_export::{OwnExport, is_unmarked_export};
use super::survey::{NameHash, NameHasher, NameKind, Survey};
use jiff::Timestamp;
use serde_json::{Map, Value};

/// What the records of one import are read by.
pub(super) struct Rules<'a> {
    pub(super) options: &'a ImportOptions,
    /// When the import began; it stands in for times that a record does not tell.
    pub(super) now: Timestamp,
    pub(super) hasher: NameHasher,
    /// What the first pass found; it is not there during the first pass.
    pub(super) survey: Option<&'a Survey>,
}

impl Rules<'_> {
    /// Whether so many records have this text that it is nobody's password.
    pub(super) fn is_shared(&self, text: &str) -> bool {
        self.survey.is_some_and(|survey| survey.is_shared(self.hasher.hash(NameKind::PasswordText, text)))
    }
}

/// A lock that is told by the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ToldLock {
    /// A role says that the account is shut.
    Role,
    /// A mark beside the password says that it was locked.
    Password,
}

/// A record while it is being understood: the fields that are left, and what the report will say.
pub(super) struct Reading<'a> {
    pub(super) fields: Fields,
    pub(super) notes: Vec<Note>,
    pub(super) rules: &'a Rules<'a>,
    /// Which role mappings the record has something for.
    pub(super) mappings_met: Vec<usize>,
    /// Whether Roster wrote the record.
    pub(super) is_export: bool,
    /// What the mark of an export says besides.
    pub(super) own_export: Option<OwnExport>,
    /// Whether `WordPress` wrote it.
    pub(super) wordpress: bool,
    /// What other fields than those of a lock say about one.
    pub(super) locks: Vec<ToldLock>,
    /// The hash of the text that was taken for a password.
    pub(super) text_hash: Option<NameHash>,
    /// When somebody last logged in, if that was found among the names.
    pub(super) last_login: Option<Timestamp>,
    /// The old id beside another one: it goes into an attribute.
    pub(super) second_id: Option<String>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(record: Map<String, Value>, rules: &'a Rules<'a>) -> Self {
        let fields = Fields::new(record);
        Self {
            is_export: is_unmarked_export(&fields),
            own_export: None,
            wordpress: fields.mention(&["userlogin", "usernicename", "userregistered"]),
            fields,
            notes: Vec::new(),
            rules,
            mappings_met: Vec::new(),
            locks: Vec::new(),
            text_hash: None,
            last_login: None,
            second_id: None,
        }
    }

    /// Keeps a field that makes no sense among the attributes, and says so.
    pub(super) fn keep(&mut self, field: Field, instead: &'static str) {
        self.notes.push(Note::NotUnderstood { field: field.name.clone(), instead });
        self.fields.give_back(field);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Reads a part of a record with the default options, and gives it with the notes.
    pub(in crate::import_users) fn reading<T>(
        record: &Value,
        read: impl FnOnce(&mut Reading<'_>) -> T,
    ) -> (T, Vec<String>) {
        reading_with(&ImportOptions::default(), record, read)
    }

    /// Reads a part of a record, and gives it with the notes.
    pub(in crate::import_users) fn reading_with<T>(
        options: &ImportOptions,
        record: &Value,
        read: impl FnOnce(&mut Reading<'_>) -> T,
    ) -> (T, Vec<String>) {
        let now = "2027-01-15T08:00:00Z".parse().unwrap();
        let rules = Rules { options, now, hasher: NameHasher::new([0; 16]), survey: None };
        let mut reading = Reading::new(record.as_object().unwrap().clone(), &rules);
        let part = read(&mut reading);
        (part, reading.notes.iter().map(ToString::to_string).collect())
    }
}
