//! Finds the records in a text.

use super::fields::squashed;
use super::file::{RawRecord, Snippet, UnreadableFile};
use super::place::Place;
use super::refusal::Refusal;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

/// Walks a text from front to back and counts its lines.
pub(super) struct Cutter<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    line_start: usize,
}

impl<'a> Cutter<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0, line: 1, line_start: 0 }
    }

    /// The records of one JSON document.
    pub(super) fn document(mut self, json: &'a str) -> Result<Vec<RawRecord<'a>>, UnreadableFile> {
        match Shape::of(json) {
            Some(Shape::Array(items)) => Ok(self.array(items)),
            Some(Shape::Map(entries)) => Ok(self.map(entries)),
            Some(Shape::Record) => Ok(vec![self.single(json)]),
            None => Err(UnreadableFile::NoUsers),
        }
    }

    /// The records of a text with one on each line that is not blank.
    pub(super) fn lines(mut self) -> Vec<RawRecord<'a>> {
        let lines = self.text.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.map(|line| self.single(line)).collect()
    }

    fn single(&mut self, text: &'a str) -> RawRecord<'a> {
        let snippet = self.snippet(text);
        RawRecord { place: Place::Line { line: snippet.line }, body: Ok(snippet) }
    }

    fn array(&mut self, items: Vec<&'a RawValue>) -> Vec<RawRecord<'a>> {
        let mut record = |(item, position): (&'a RawValue, usize)| {
            let snippet = self.snippet(item.get());
            RawRecord { place: Place::Position { position, line: snippet.line }, body: Ok(snippet) }
        };
        items.into_iter().zip(1..).map(&mut record).collect()
    }

    fn map(&mut self, entries: Entries<'a>) -> Vec<RawRecord<'a>> {
        let mut first_lines = HashMap::new();
        let mut record = |(name, value): (&'a RawValue, &'a RawValue)| {
            let name = self.snippet(name.get());
            let value = self.snippet(value.get());
            let (key, body) = match serde_json::from_str::<String>(name.text) {
                Ok(key) => match first_lines.entry(key.clone()) {
                    Entry::Vacant(entry) => {
                        entry.insert(name.line);
                        (key, Ok(value))
                    }
                    Entry::Occupied(entry) => (key, Err(Refusal::KeyTwice { first: *entry.get() })),
                },
                Err(error) => (name.text.to_owned(), Err(name.broken(&error))),
            };
            RawRecord { place: Place::Key { key, line: name.line }, body }
        };
        entries.0.into_iter().map(&mut record).collect()
    }

    /// What a part of the text is, and where. Parts are asked for in their order.
    fn snippet(&mut self, part: &'a str) -> Snippet<'a> {
        let offset = part.as_ptr().addr() - self.text.as_ptr().addr();
        for (index, _) in self.text[self.at..offset].match_indices('\n') {
            self.line += 1;
            self.line_start = self.at + index + 1;
        }
        self.at = offset;
        Snippet { text: part, line: self.line, column: offset - self.line_start + 1 }
    }
}

/// How a document holds its users.
enum Shape<'a> {
    Array(Vec<&'a RawValue>),
    Map(Entries<'a>),
    /// It is one itself.
    Record,
}

impl<'a> Shape<'a> {
    /// How deep users may be wrapped: `{"data": {"users": …}}`.
    const MAX_DEPTH: u8 = 2;

    fn of(json: &'a str) -> Option<Self> {
        Self::within(json, Self::MAX_DEPTH)
    }

    /// Somebody may be called `users` or `data`: what holds records is told from what is one by its fields.
    fn within(json: &'a str, depth: u8) -> Option<Self> {
        match json.as_bytes().first()? {
            b'[' => serde_json::from_str(json).ok().map(Self::Array),
            b'{' => {
                let entries: Entries = serde_json::from_str(json).ok()?;
                let wrapped = depth.checked_sub(1).and_then(|depth| entries.wrapped(depth));
                Some(match wrapped {
                    Some(inner) => inner,
                    None if entries.are_of_a_record() => Self::Record,
                    None => Self::Map(entries),
                })
            }
            _ => None,
        }
    }
}

/// The entries of an object in their order, doubles too.
struct Entries<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'a> Entries<'a> {
    /// The fields by which a record is told from a map of records.
    const TELLING: [&'static str; 7] =
        ["username", "email", "password", "passwordhash", "hashedpassword", "id", "externalid"];

    fn value(&self, name: &str) -> Option<&'a str> {
        let quoted = format!("\"{name}\"");
        self.0.iter().find(|(key, _)| key.get() == quoted).map(|(_, value)| value.get())
    }

    /// What is under `users`, or under `data` if that is an array or has `users` itself.
    fn wrapped(&self, depth: u8) -> Option<Shape<'a>> {
        let of = |json: &'a str| Shape::within(json, depth).filter(|shape| !matches!(shape, Shape::Record));
        self.value("users").and_then(of).or_else(|| {
            let data = self.value("data")?;
            let users = || serde_json::from_str::<Entries>(data).ok()?.value("users").and_then(of);
            if data.starts_with('[') { of(data) } else { users() }
        })
    }

    fn are_of_a_record(&self) -> bool {
        self.0.iter().any(|(key, value)| {
            !value.get().starts_with(['{', '['])
                && Self::TELLING.contains(&&*squashed(key.get().trim_matches('"')))
        })
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor;

        impl<'de> Visitor<'de> for EntriesVisitor {
            type Value = Vec<(&'de RawValue, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_map(EntriesVisitor).map(Entries)
    }
}
