//! How a file holds its records. Nothing of a record is understood here.

use super::fields::squashed;
use super::short_tokens::ShortTokens;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::io::{self, BufRead, BufReader};

/// How a file holds its records: a map by username, email or id; an array; either under `users`, also within
/// `data`; one object a line (NDJSON); or a single record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// An array behind these names.
    Array(Path),
    /// A map behind these names.
    Map(Path),
    /// The document is one record itself.
    Record,
    /// One record on each line that is not blank.
    Lines,
}

/// The names that lead from the document to what holds the records.
pub(super) type Path = Vec<Wrapper>;

/// A name under which records may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrapper {
    Users,
    Data,
}

impl Wrapper {
    /// The name as it stands in the file.
    pub(super) const fn quoted(self) -> &'static str {
        match self {
            Self::Users => "\"users\"",
            Self::Data => "\"data\"",
        }
    }
}

/// How deep users may be wrapped: `{"data": {"users": …}}`.
const MAX_DEPTH: u8 = 2;

/// Checks the syntax of a JSON document and finds what holds its records, in constant memory and without recursion.
/// `None` if the document can hold none.
///
/// # Errors
/// Where it is no JSON document.
pub(super) fn of_document(input: impl BufRead) -> Result<Option<Shape>, serde_json::Error> {
    let mut parser = serde_json::Deserializer::from_reader(BufReader::new(ShortTokens::new(input)));
    let node = Look { left: 2 * MAX_DEPTH }.deserialize(&mut parser)?;
    parser.end()?;
    Ok(node.shape(MAX_DEPTH))
}

/// What is wrong with the syntax of a JSON document, and where.
pub(super) fn fault(input: impl BufRead) -> Option<serde_json::Error> {
    let mut parser = serde_json::Deserializer::from_reader(input);
    IgnoredAny::deserialize(&mut parser).and_then(|_| parser.end()).err()
}

/// Whether a file that is no JSON document is one object a line: its first line is a whole one, or at least half of
/// them are.
///
/// # Errors
/// If the file cannot be read.
pub(super) fn is_lines(mut input: impl BufRead) -> io::Result<bool> {
    let whole = |line: &str| line.starts_with('{') && serde_json::from_str::<&RawValue>(line).is_ok();
    let (mut all, mut good) = (0_u64, 0_u64);
    let mut line = Vec::new();
    while super::splitter::read_line(&mut input, &mut line)? {
        let text = str::from_utf8(&line).unwrap_or_default().trim();
        if text.is_empty() {
            continue;
        }
        all += 1;
        good += u64::from(whole(text));
        if (all, good) == (1, 1) {
            return Ok(true);
        }
    }
    Ok(good > 0 && good * 2 >= all)
}

/// A value of the document, as far as it matters here.
enum Node {
    Scalar,
    Array,
    Object(Members),
}

#[derive(Default)]
struct Members {
    users: Option<Box<Node>>,
    data: Option<Box<Node>>,
    /// Whether a field tells that this is a record rather than a map of records.
    telling: bool,
}

impl Node {
    /// Somebody may be called `users` or `data`: what holds records is told from what is one by its fields.
    fn shape(&self, depth: u8) -> Option<Shape> {
        match self {
            Self::Scalar => None,
            Self::Array => Some(Shape::Array(Path::new())),
            Self::Object(members) => {
                let wrapped = depth.checked_sub(1).and_then(|depth| members.wrapped(depth));
                let own = if members.telling { Shape::Record } else { Shape::Map(Path::new()) };
                Some(wrapped.unwrap_or(own))
            }
        }
    }
}

impl Members {
    /// The fields by which a record is told from a map of records.
    const TELLING: [&'static str; 7] =
        ["username", "email", "password", "passwordhash", "hashedpassword", "id", "externalid"];

    /// What is under `users`, or under `data` if that is an array or has `users` itself.
    fn wrapped(&self, depth: u8) -> Option<Shape> {
        let of = |node: &Node| node.shape(depth).filter(|shape| *shape != Shape::Record);
        if let Some(shape) = self.users.as_deref().and_then(of) {
            return Some(shape.behind(&[Wrapper::Users]));
        }
        match self.data.as_deref()? {
            Node::Scalar => None,
            array @ Node::Array => of(array).map(|shape| shape.behind(&[Wrapper::Data])),
            Node::Object(data) => {
                let shape = data.users.as_deref().and_then(of)?;
                Some(shape.behind(&[Wrapper::Data, Wrapper::Users]))
            }
        }
    }
}

impl Shape {
    fn behind(self, names: &[Wrapper]) -> Self {
        let behind = |path: Path| names.iter().copied().chain(path).collect();
        match self {
            Self::Array(path) => Self::Array(behind(path)),
            Self::Map(path) => Self::Map(behind(path)),
            Self::Record | Self::Lines => self,
        }
    }
}

/// Looks at a value, and so many levels down at what is under `users` and `data`.
struct Look {
    left: u8,
}

impl<'de> DeserializeSeed<'de> for Look {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Look {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Node, E> {
        Ok(Node::Scalar)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Node, E> {
        Ok(Node::Scalar)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Node, E> {
        Ok(Node::Scalar)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        Ok(Node::Scalar)
    }

    fn visit_str<E>(self, _: &str) -> Result<Node, E> {
        Ok(Node::Scalar)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Node::Array)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut members = Members::default();
        while let Some(key) = entries.next_key::<Box<RawValue>>()? {
            let slot = match key.get() {
                "\"users\"" => Some(&mut members.users),
                "\"data\"" => Some(&mut members.data),
                _ => None,
            };
            let left = self.left.checked_sub(1);
            if let (Some(slot @ None), Some(left)) = (slot, left) {
                *slot = Some(Box::new(entries.next_value_seed(Look { left })?));
            } else if Members::TELLING.contains(&&*squashed(key.get().trim_matches('"'))) {
                let Scalar(scalar) = entries.next_value()?;
                members.telling |= scalar;
            } else {
                entries.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Node::Object(members))
    }
}

/// Whether a value is neither an object nor an array.
struct Scalar(bool);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

/// Walks over a value and keeps nothing of it.
struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Scalar, E> {
        Ok(Scalar(true))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Scalar, E> {
        Ok(Scalar(true))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Scalar, E> {
        Ok(Scalar(true))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Scalar, E> {
        Ok(Scalar(true))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Scalar, E> {
        Ok(Scalar(true))
    }

    fn visit_str<E>(self, _: &str) -> Result<Scalar, E> {
        Ok(Scalar(true))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Scalar, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar(false))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Scalar, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar(false))
    }
}
