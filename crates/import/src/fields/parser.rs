//! A record while it is parsed. Each module takes the fields that it understands; the rest become attributes.

use crate::fields::field::{Field, Fields};
use crate::fields::own_export::{OwnExport, is_unmarked_export};
use crate::options::ImportOptions;
use crate::report::note::Note;
use crate::report::refusal::Refusal;
use crate::survey::{NameHash, NameHasher, NameKind, Survey};
use jiff::Timestamp;
use roster_auth::password::{CostCap, FirebaseProject, Peppers};
use serde_json::{Map, Value};

/// What all records of one import are parsed by.
pub(crate) struct Rules<'a> {
    pub(crate) options: &'a ImportOptions,
    /// When the import began.
    pub(crate) now: Timestamp,
    pub(crate) hasher: NameHasher,
    /// The result of the first pass; `None` during the first pass.
    pub(crate) survey: Option<&'a Survey>,
    /// What a hash may cost.
    pub(crate) cost_cap: &'a CostCap,
    /// The project that Firebase's hashes are of.
    pub(crate) firebase: Option<&'a FirebaseProject>,
    /// The peppers that the server has.
    pub(crate) peppers: &'a Peppers,
}

impl Rules<'_> {
    /// Whether too many records share this text for it to be a password.
    pub(crate) fn is_shared(&self, text: &str) -> bool {
        self.survey.is_some_and(|survey| survey.is_shared(self.hasher.hash(NameKind::PasswordText, text)))
    }
}

/// A lock that a field about something else reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LockHint {
    /// A role whose name says that the account is disabled.
    Role,
    /// A role or a group whose name contains a lock word.
    UnclearRole,
    /// A marker next to the password says that it was locked.
    Password,
}

/// A record while it is parsed: the fields that are not taken yet, and what was found so far.
pub(crate) struct RecordParser<'a> {
    pub(crate) fields: Fields,
    pub(crate) notes: Vec<Note>,
    pub(crate) rules: &'a Rules<'a>,
    /// The indexes of the role mappings that match something in the record.
    pub(crate) matched_mappings: Vec<usize>,
    /// The indexes of the field mappings whose columns the record has.
    pub(crate) matched_columns: Vec<usize>,
    /// Whether an export of Roster wrote the record.
    pub(crate) is_export: bool,
    /// The further fields of a marked export.
    pub(crate) own_export: Option<OwnExport>,
    /// Whether `WordPress` wrote the record.
    pub(crate) is_wordpress: bool,
    pub(crate) lock_hints: Vec<LockHint>,
    /// The hash of the text that was accepted as a password.
    pub(crate) text_hash: Option<NameHash>,
    /// The time of the last login, if a field among the names has it.
    pub(crate) last_login: Option<Timestamp>,
    /// The old id of a record that also has an external id. It becomes an attribute.
    pub(crate) old_id_attribute: Option<String>,
}

impl<'a> RecordParser<'a> {
    pub(crate) fn new(record: Map<String, Value>, rules: &'a Rules<'a>) -> Self {
        let fields = Fields::new(record);
        Self {
            is_export: is_unmarked_export(&fields),
            own_export: None,
            is_wordpress: fields.has_any(&["userlogin", "usernicename", "userregistered"]),
            fields,
            notes: Vec::new(),
            rules,
            matched_mappings: Vec::new(),
            matched_columns: Vec::new(),
            lock_hints: Vec::new(),
            text_hash: None,
            last_login: None,
            old_id_attribute: None,
        }
    }

    /// Takes the mark of an export and the fields that go with it.
    ///
    /// # Errors
    /// [`Refusal::NewerExport`] if a later version wrote the record.
    pub(crate) fn take_export_mark(&mut self) -> Result<(), Refusal> {
        self.own_export = OwnExport::take(&mut self.fields)?;
        self.is_export |= self.own_export.is_some();
        Ok(())
    }

    /// Keeps a field that is not understood among the attributes, and notes what is used instead.
    pub(crate) fn keep(&mut self, field: Field, instead: &'static str) {
        self.notes.push(Note::NotUnderstood { field: field.name.clone(), instead });
        self.fields.put_back(field);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::firebase_parameters::FirebaseParameters;
    use roster_auth::password::BcryptCost;

    /// Parses a part of a record with the default options; returns the part and the notes.
    pub(crate) fn parse_with_defaults<T>(
        record: &Value,
        parse: impl FnOnce(&mut RecordParser<'_>) -> T,
    ) -> (T, Vec<String>) {
        parse_with(&ImportOptions::default(), record, parse)
    }

    /// Parses a part of a record; returns the part and the notes.
    pub(crate) fn parse_with<T>(
        options: &ImportOptions,
        record: &Value,
        parse: impl FnOnce(&mut RecordParser<'_>) -> T,
    ) -> (T, Vec<String>) {
        let now = "2027-01-15T08:00:00Z".parse().unwrap();
        let cost_cap = CostCap::new(BcryptCost::DEFAULT);
        let firebase = options.firebase.as_ref().and_then(FirebaseParameters::project);
        let rules = Rules {
            options,
            now,
            hasher: NameHasher::new([0; 16]),
            survey: None,
            cost_cap: &cost_cap,
            firebase: firebase.as_ref(),
            peppers: &Peppers::default(),
        };
        let mut parser = RecordParser::new(record.as_object().unwrap().clone(), &rules);
        let part = parse(&mut parser);
        (part, parser.notes.iter().map(ToString::to_string).collect())
    }
}
