//! Values of fields, to display.

use crate::Attributes;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// The value of a field. Serializes as JSON.
pub enum FieldValue<'a> {
    /// The user has no such value.
    None,
    /// A text, or a time in RFC 3339 format.
    Text(Cow<'a, str>),
    /// A boolean.
    Flag(bool),
    /// A number.
    Number(u64),
    /// Names, such as those of roles.
    List(Vec<&'a str>),
    /// A JSON object.
    Attributes(&'a Attributes),
}

impl FieldValue<'_> {
    /// The value as text for a table, with lists joined by `separator`; `None` if there is no value.
    #[must_use]
    pub fn to_text(&self, separator: &str) -> Option<String> {
        match self {
            Self::None => None,
            Self::Text(text) => Some(text.clone().into_owned()),
            Self::Flag(flag) => Some(flag.to_string()),
            Self::Number(number) => Some(number.to_string()),
            Self::List(names) => Some(names.join(separator)),
            Self::Attributes(attributes) => Some(serde_json::to_string(attributes).unwrap_or_default()),
        }
    }

    /// Whether the value is missing or `false`.
    #[must_use]
    pub const fn is_unset(&self) -> bool {
        matches!(self, Self::None | Self::Flag(false))
    }
}

impl<'a> From<Option<&'a str>> for FieldValue<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Self::None, |text| Self::Text(text.into()))
    }
}

impl From<Timestamp> for FieldValue<'_> {
    /// In UTC with microseconds, as the API writes times.
    fn from(time: Timestamp) -> Self {
        Self::Text(format!("{time:.6}").into())
    }
}

impl Serialize for FieldValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_none(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::List(names) => names.serialize(serializer),
            Self::Attributes(attributes) => attributes.serialize(serializer),
        }
    }
}
