//! An entry of LDIF, and the record that it makes.

use crate::format::ldif_value::{LdifValue, parse_line};
use crate::format::shadow::closing;
use crate::format::text_lines::FoldedLine;
use crate::report::ldif_fault::LdifFault;
use crate::report::note::Note;
use serde_json::{Map, Value};

/// The fields of a person, with what was left out of them.
pub(crate) struct Entry {
    pub(crate) fields: Map<String, Value>,
    pub(crate) notes: Vec<Note>,
}

/// What a block of lines is.
pub(crate) enum EntryKind {
    Person(Entry),
    /// An entry of another class.
    Other(String),
    /// A change of the directory, not an entry.
    Change {
        line: usize,
    },
    /// A version of LDIF that is not 1.
    OtherVersion {
        line: usize,
    },
    /// What `ldapsearch` writes beside the entries.
    Nothing,
}

/// Classes whose entries are people.
const PEOPLE: [&str; 10] = [
    "person",
    "organizationalperson",
    "inetorgperson",
    "user",
    "posixaccount",
    "shadowaccount",
    "account",
    "simplesecurityobject",
    "mailuser",
    "pilotperson",
];

/// Classes whose entries are no people, even if they have one of the classes above.
const NO_PEOPLE: [&str; 3] = ["computer", "msds-managedserviceaccount", "msds-groupmanagedserviceaccount"];

/// Attributes that describe the entry, not the person.
const BOOKKEEPING: [&str; 8] = [
    "objectclass",
    "structuralobjectclass",
    "entrydn",
    "subschemasubentry",
    "hassubordinates",
    "entrycsn",
    "contextcsn",
    "changetype",
];

/// What attributes are called in a record, where the name means something else there.
const RENAMED: [(&str, &str); 8] = [
    ("uid", "username"),
    ("entryuuid", "id"),
    ("ipauniqueid", "id"),
    ("nsuniqueid", "id"),
    ("createtimestamp", "created_at"),
    ("whencreated", "created_at"),
    ("modifytimestamp", "updated_at"),
    ("whenchanged", "updated_at"),
];

impl Entry {
    /// Reads the lines of an entry.
    ///
    /// # Errors
    /// If a line is damaged, or the first one is not the name of the entry.
    pub(crate) fn read(lines: Vec<FoldedLine>) -> Result<EntryKind, LdifFault> {
        let mut attributes = Attributes::default();
        for FoldedLine { number, text } in lines {
            let (name, value) = parse_line(&text, number)?;
            let lower = name.to_ascii_lowercase();
            match (lower.as_str(), &value) {
                ("version", LdifValue::Text(text)) if attributes.0.is_empty() => {
                    if text.trim() != "1" {
                        return Ok(EntryKind::OtherVersion { line: number });
                    }
                }
                // `ldapsearch` ends with its result, and has references between the entries.
                ("search" | "result" | "ref", _) if attributes.0.is_empty() => return Ok(EntryKind::Nothing),
                ("changetype", LdifValue::Text(kind)) if !kind.trim().eq_ignore_ascii_case("add") => {
                    return Ok(EntryKind::Change { line: number });
                }
                ("control", _) => return Ok(EntryKind::Change { line: number }),
                _ if attributes.0.is_empty() && lower != "dn" => return Err(LdifFault::NoName(number)),
                _ => attributes.add(name, value),
            }
        }
        Ok(attributes.into_kind())
    }
}

/// The attributes of an entry with their values, in the order of the file.
#[derive(Default)]
struct Attributes(Vec<(String, Vec<LdifValue>)>);

impl Attributes {
    fn add(&mut self, name: String, value: LdifValue) {
        match self.0.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(&name)) {
            Some((_, values)) => values.push(value),
            None => self.0.push((name, vec![value])),
        }
    }

    fn values(&self, name: &str) -> &[LdifValue] {
        let found = self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or(&[], |(_, values)| values)
    }

    fn has(&self, name: &str) -> bool {
        !self.values(name).is_empty()
    }

    fn into_kind(self) -> EntryKind {
        if self.0.is_empty() {
            return EntryKind::Nothing;
        }
        let classes: Vec<String> = self
            .values("objectClass")
            .iter()
            .filter_map(LdifValue::text)
            .map(str::to_ascii_lowercase)
            .collect();
        let is_any = |names: &[&str]| classes.iter().any(|class| names.contains(&class.as_str()));
        let named =
            self.has("uid") || self.has("mail") || self.has("userPassword") || self.has("sAMAccountName");
        let is_person = if classes.is_empty() { named } else { is_any(&PEOPLE) && !is_any(&NO_PEOPLE) };
        if is_person {
            return EntryKind::Person(self.into_entry());
        }
        let specific = classes.iter().rev().find(|class| *class != "top");
        EntryKind::Other(specific.map_or_else(|| "entries without a class".to_owned(), Clone::clone))
    }

    fn into_entry(self) -> Entry {
        let mut entry = Entry { fields: Map::new(), notes: Vec::new() };
        // In entries without `uid`, the common name is the login, as in `cn=admin,dc=example`.
        let login_by_name = !self.has("uid") && !self.has("sAMAccountName");
        let has_display_name = self.has("displayName");
        for (name, values) in self.0 {
            let lower = name.to_ascii_lowercase();
            if BOOKKEEPING.contains(&lower.as_str()) {
                continue;
            }
            if lower == "shadowexpire" {
                let day = values.first().and_then(LdifValue::text).and_then(|text| text.trim().parse().ok());
                if let Some((field, value)) = closing(day) {
                    entry.insert(&field, value);
                    continue;
                }
            }
            let value = entry.value(&name, values);
            let renamed = RENAMED.iter().find(|(known, _)| *known == lower).map(|(_, field)| *field);
            let field = match lower.as_str() {
                "cn" if login_by_name => "username",
                "cn" if !has_display_name => "displayName",
                _ => renamed.unwrap_or(&name),
            };
            if let Some(value) = value {
                entry.insert(field, value);
            }
        }
        entry
    }
}

impl Entry {
    /// The value or values of an attribute. Pictures and other binary values are left out, with a note.
    fn value(&mut self, name: &str, values: Vec<LdifValue>) -> Option<Value> {
        let count = values.len();
        let mut kept: Vec<Value> = values.into_iter().filter_map(|value| value.into_json(name)).collect();
        if kept.len() < count {
            self.notes.push(Note::Dropped(name.to_owned()));
        }
        // The names of groups have commas, which would separate them in a text.
        if kept.len() == 1 && !name.eq_ignore_ascii_case("memberOf") {
            kept.pop()
        } else {
            (!kept.is_empty()).then_some(Value::Array(kept))
        }
    }

    /// Adds a field. A name has one value in a record: of several logins or ids the first one counts, and the others stay
    /// under another name.
    fn insert(&mut self, field: &str, value: Value) {
        let (first, rest) = match value {
            Value::Array(values) if matches!(field, "username" | "id" | "displayName") => {
                let mut values = values.into_iter();
                (values.next().unwrap_or_default(), Some(Value::Array(values.collect())))
            }
            value => (value, None),
        };
        if self.fields.contains_key(field) {
            self.fields.insert(format!("other_{field}"), first);
        } else {
            self.fields.insert(field.to_owned(), first);
        }
        if let Some(rest) = rest {
            self.fields.insert(format!("more_{field}"), rest);
        }
    }
}
