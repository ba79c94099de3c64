//! Finds out how a file holds its records.

use crate::file::lines::read_line;
use crate::file::short_tokens::ShortTokens;
use crate::naming::normalized;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::io::{self, BufRead, BufReader};

/// How a file holds its records: a map by username, email or id; an array; either of them under `users`, also within
/// `data`; one object per line (NDJSON); or a single record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// An array at this path.
    Array(Path),
    /// A map at this path.
    Map(Path),
    /// The document is one record.
    Record,
    /// One record on each line that is not blank.
    Lines,
}

/// The names that lead from the document to the container of the records.
pub(crate) type Path = Vec<Wrapper>;

/// A name under which the container may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrapper {
    Users,
    Data,
}

impl Wrapper {
    /// The name as the file has it.
    pub(crate) const fn quoted(self) -> &'static str {
        match self {
            Self::Users => "\"users\"",
            Self::Data => "\"data\"",
        }
    }
}

/// How deeply the container may be nested: `{"data": {"users": …}}`.
const MAX_DEPTH: u8 = 2;

/// Checks the syntax of a JSON document and finds the container of its records, in constant memory and without
/// recursion. `None` if it cannot have records.
///
/// # Errors
/// The syntax error, if it is not a JSON document.
pub(crate) fn of_document(input: impl BufRead) -> Result<Option<Shape>, serde_json::Error> {
    let mut parser = serde_json::Deserializer::from_reader(BufReader::new(ShortTokens::new(input)));
    let node = ShapeSeed { depth_left: 2 * MAX_DEPTH }.deserialize(&mut parser)?;
    parser.end()?;
    Ok(node.shape(MAX_DEPTH))
}

/// The first syntax error of a JSON document.
pub(crate) fn syntax_error(input: impl BufRead) -> Option<serde_json::Error> {
    let mut parser = serde_json::Deserializer::from_reader(input);
    IgnoredAny::deserialize(&mut parser).and_then(|_| parser.end()).err()
}

/// Whether a file that is not a JSON document has one object per line: its first line is an object, or at least half of
/// its lines are.
///
/// # Errors
/// If the file cannot be read.
pub(crate) fn is_lines(mut input: impl BufRead) -> io::Result<bool> {
    let is_object = |line: &str| line.starts_with('{') && serde_json::from_str::<&RawValue>(line).is_ok();
    let (mut lines, mut objects) = (0_u64, 0_u64);
    let mut line = Vec::new();
    while read_line(&mut input, &mut line)? {
        let text = str::from_utf8(&line).unwrap_or_default().trim();
        if text.is_empty() {
            continue;
        }
        lines += 1;
        objects += u64::from(is_object(text));
        if (lines, objects) == (1, 1) {
            return Ok(true);
        }
    }
    Ok(objects > 0 && objects * 2 >= lines)
}

/// A value of the document, as far as its shape matters.
enum Node {
    Scalar,
    Array,
    Object(Members),
}

#[derive(Default)]
struct Members {
    users: Option<Box<Node>>,
    data: Option<Box<Node>>,
    /// Whether the object has fields of a record, so that it is not a map of records.
    has_record_fields: bool,
}

impl Node {
    /// A user may be called `users` or `data`, so the fields decide whether an object is a record or a container.
    fn shape(&self, depth: u8) -> Option<Shape> {
        match self {
            Self::Scalar => None,
            Self::Array => Some(Shape::Array(Path::new())),
            Self::Object(members) => {
                let wrapped = depth.checked_sub(1).and_then(|depth| members.wrapped(depth));
                let own = if members.has_record_fields { Shape::Record } else { Shape::Map(Path::new()) };
                Some(wrapped.unwrap_or(own))
            }
        }
    }
}

impl Members {
    /// Fields that records have and maps of records do not.
    const RECORD_FIELDS: [&'static str; 17] = [
        "username",
        "email",
        "password",
        "passwordhash",
        "hashedpassword",
        "id",
        "externalid",
        "userlogin",
        "useremail",
        "userpass",
        "login",
        "mail",
        "uid",
        "userid",
        "emailaddress",
        "passwd",
        "encryptedpassword",
    ];

    /// The container under `users`, or under `data` if that is an array or has `users` itself.
    fn wrapped(&self, depth: u8) -> Option<Shape> {
        let of = |node: &Node| node.shape(depth).filter(|shape| *shape != Shape::Record);
        if let Some(shape) = self.users.as_deref().and_then(of) {
            return Some(shape.under(&[Wrapper::Users]));
        }
        match self.data.as_deref()? {
            Node::Scalar => None,
            array @ Node::Array => of(array).map(|shape| shape.under(&[Wrapper::Data])),
            Node::Object(data) => {
                let shape = data.users.as_deref().and_then(of)?;
                Some(shape.under(&[Wrapper::Data, Wrapper::Users]))
            }
        }
    }
}

impl Shape {
    fn under(self, names: &[Wrapper]) -> Self {
        let under = |path: Path| names.iter().copied().chain(path).collect();
        match self {
            Self::Array(path) => Self::Array(under(path)),
            Self::Map(path) => Self::Map(under(path)),
            Self::Record | Self::Lines => self,
        }
    }
}

/// Reads a value, and `depth_left` more levels of what is under `users` and `data`.
struct ShapeSeed {
    depth_left: u8,
}

impl<'de> DeserializeSeed<'de> for ShapeSeed {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ShapeSeed {
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
            let depth_left = self.depth_left.checked_sub(1);
            if let (Some(slot @ None), Some(depth_left)) = (slot, depth_left) {
                *slot = Some(Box::new(entries.next_value_seed(ShapeSeed { depth_left })?));
            } else if Members::RECORD_FIELDS.contains(&&*normalized(key.get().trim_matches('"'))) {
                let Scalar(scalar) = entries.next_value()?;
                members.has_record_fields |= scalar;
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

/// Skips a value and reports whether it is a scalar.
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
