//! Finds out how a file holds its records.

use crate::file::path::{DATA, GHOST, Path, Step, USERS, WRAPPERS};
use crate::file::scalar::MemberKind;
use crate::file::short_tokens::ShortTokens;
use crate::naming::normalized;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::io::{BufRead, BufReader};

/// How a file holds its records: a map by username, email or id; an array; either of them under a name such as `users`; one
/// object per line (NDJSON); documents in a row; a table of pandas; or a single record.
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
    /// One record in each document.
    Documents,
    /// The names of the columns and the rows, as pandas writes them with `orient="split"`.
    Split,
    /// An object for each column, as pandas writes them with `orient="columns"`.
    Columns,
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
    let node = ShapeSeed { depth_left: 2 * MAX_DEPTH, first_item: false }.deserialize(&mut parser)?;
    parser.end()?;
    Ok(node.shape(MAX_DEPTH))
}

/// The first syntax error of a JSON document.
pub(crate) fn syntax_error(input: impl BufRead) -> Option<serde_json::Error> {
    let mut parser = serde_json::Deserializer::from_reader(input);
    IgnoredAny::deserialize(&mut parser).and_then(|_| parser.end()).err()
}

/// The shape of one of several documents; `None` if it cannot have records.
pub(crate) struct DocumentShape(pub(crate) Option<Shape>);

impl<'de> Deserialize<'de> for DocumentShape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seed = ShapeSeed { depth_left: 2 * MAX_DEPTH, first_item: false };
        Ok(Self(seed.deserialize(deserializer)?.shape(MAX_DEPTH)))
    }
}

/// A value of the document, as far as its shape matters.
enum Node {
    Scalar,
    /// An array, with the shape of its first item if that was read.
    Array(Option<Box<Node>>),
    Object(Members),
}

#[derive(Default)]
struct Members {
    /// The members with the names in [`WRAPPERS`].
    wrappers: [Option<Box<Node>>; WRAPPERS.len()],
    /// Whether the object has fields of a record, so that it is not a map of records.
    has_record_fields: bool,
    /// Whether its members are the columns of a table, by numbers of rows.
    has_columns: bool,
    /// Whether a member `columns` names the columns of the rows in `data`.
    names_columns: bool,
}

impl Node {
    /// A user may be called `users` or `data`, so the fields decide whether an object is a record or a container.
    fn shape(&self, depth: u8) -> Option<Shape> {
        match self {
            Self::Scalar => None,
            Self::Array(_) => Some(Shape::Array(Path::new())),
            Self::Object(members) => {
                let wrapped = depth.checked_sub(1).and_then(|depth| members.wrapped(depth));
                let own = match members {
                    Members { has_record_fields: true, .. } => Shape::Record,
                    Members { has_columns: true, .. } => Shape::Columns,
                    _ => Shape::Map(Path::new()),
                };
                Some(wrapped.unwrap_or(own))
            }
        }
    }

    fn member(&self, wrapper: usize) -> Option<&Self> {
        match self {
            Self::Object(members) => members.wrappers[wrapper].as_deref(),
            Self::Scalar | Self::Array(_) => None,
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

    /// The container under `users`; or under another name if that is an array; or under `data` if that has `users` itself.
    fn wrapped(&self, depth: u8) -> Option<Shape> {
        let of =
            |node: &Node| node.shape(depth).filter(|shape| matches!(shape, Shape::Array(_) | Shape::Map(_)));
        for (name, node) in WRAPPERS.iter().zip(&self.wrappers).take(USERS) {
            if let Some(shape) = node.as_deref().and_then(of) {
                return Some(shape.under(&[Step::Member(name)]));
            }
        }
        if self.names_columns && matches!(self.wrappers[DATA].as_deref(), Some(Node::Array(_))) {
            return Some(Shape::Split);
        }
        let data = self.wrappers[DATA].as_deref();
        if let Some(shape) = data.and_then(|data| data.member(0)).and_then(of) {
            return Some(shape.under(&[Step::Member(WRAPPERS[DATA]), Step::Member(WRAPPERS[0])]));
        }
        // A record may have a list of its own under any of these names but `data`.
        let end = if self.has_record_fields { DATA + 1 } else { GHOST };
        let mut others = WRAPPERS.iter().zip(&self.wrappers).take(end).skip(DATA);
        let array = others.find(|(_, node)| matches!(node.as_deref(), Some(Node::Array(_))));
        array.map(|(name, _)| Shape::Array(vec![Step::Member(name)])).or_else(|| self.ghost())
    }

    /// The users in an export of Ghost: `{"db": [{"data": {"users": [ … ]}}]}`.
    fn ghost(&self) -> Option<Shape> {
        let Some(Node::Array(Some(first))) = self.wrappers[GHOST].as_deref() else { return None };
        let Node::Array(_) = first.member(DATA)?.member(0)? else { return None };
        let [db, data, users] = [GHOST, DATA, 0].map(|wrapper| Step::Member(WRAPPERS[wrapper]));
        Some(Shape::Array(vec![db, Step::Item(0), data, users]))
    }

    fn add_field(&mut self, kind: MemberKind) {
        self.has_record_fields |= kind == MemberKind::Scalar;
        self.has_columns |= kind == MemberKind::Object { numbered: true };
    }
}

impl Shape {
    fn under(self, steps: &[Step]) -> Self {
        let under = |path: Path| steps.iter().cloned().chain(path).collect();
        match self {
            Self::Array(path) => Self::Array(under(path)),
            Self::Map(path) => Self::Map(under(path)),
            other => other,
        }
    }
}

/// Reads a value, and `depth_left` more levels of what is under the names in [`WRAPPERS`].
struct ShapeSeed {
    depth_left: u8,
    /// Whether the first item of an array is read, too.
    first_item: bool,
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
        let first = match (self.first_item, self.depth_left.checked_sub(1)) {
            (true, Some(depth_left)) => items.next_element_seed(Self { depth_left, first_item: false })?,
            _ => None,
        };
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Node::Array(first.map(Box::new)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut members = Members::default();
        while let Some(key) = entries.next_key::<Box<RawValue>>()? {
            let wrapper = WRAPPERS.iter().position(|name| *name == key.get());
            let slot = wrapper.map(|wrapper| (wrapper == GHOST, &mut members.wrappers[wrapper]));
            let depth_left = self.depth_left.checked_sub(1);
            if let (Some((first_item, slot @ None)), Some(depth_left)) = (slot, depth_left) {
                *slot = Some(Box::new(entries.next_value_seed(Self { depth_left, first_item })?));
            } else if key.get() == "\"columns\"" {
                members.names_columns = entries.next_value::<MemberKind>()? == MemberKind::Array;
            } else if Members::RECORD_FIELDS.contains(&&*normalized(key.get().trim_matches('"'))) {
                members.add_field(entries.next_value()?);
            } else {
                entries.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Node::Object(members))
    }
}
