//! Attributes: an organisation's own data about a user.

use crate::CodedError;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};
use std::sync::{Arc, LazyLock};
use thiserror::Error;

/// A JSON object of at most 16 KiB in its compact form.
///
/// An empty one, which most users have, takes no memory of its own.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub struct Attributes(Option<Arc<Map<String, Value>>>);

static NOTHING: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);

/// Why a JSON value cannot be stored as attributes.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AttributesError {
    /// Not an object.
    #[error("attributes must be a JSON object")]
    NotAnObject,
    /// More than [`Attributes::MAX_BYTES`] bytes.
    #[error("attributes have at most {} bytes as compact JSON", Attributes::MAX_BYTES)]
    TooLarge,
    /// More than [`Attributes::MAX_DEPTH`] nested objects and arrays.
    #[error("attributes are at most {} levels deep", Attributes::MAX_DEPTH)]
    TooDeep,
}

impl Attributes {
    /// The maximum size of the compact form in bytes.
    pub const MAX_BYTES: usize = 16 * 1024;
    /// The maximum nesting of objects and arrays, including the outermost. The stored form adds some levels, and must
    /// stay within what a parser accepts.
    pub const MAX_DEPTH: usize = 32;

    /// Checks an object.
    ///
    /// # Errors
    /// [`AttributesError::TooLarge`] or [`AttributesError::TooDeep`].
    pub fn new(map: Map<String, Value>) -> Result<Self, AttributesError> {
        if 1 + map.values().map(depth).max().unwrap_or(0) > Self::MAX_DEPTH {
            return Err(AttributesError::TooDeep);
        }
        if map.is_empty() {
            return Ok(Self(None));
        }
        let attributes = Self(Some(Arc::new(map)));
        if attributes.byte_len() > Self::MAX_BYTES {
            return Err(AttributesError::TooLarge);
        }
        Ok(attributes)
    }

    /// Checks any JSON value.
    ///
    /// # Errors
    /// [`AttributesError`] if it is not an object, too large or too deep.
    pub fn from_value(value: Value) -> Result<Self, AttributesError> {
        match value {
            Value::Object(map) => Self::new(map),
            _ => Err(AttributesError::NotAnObject),
        }
    }

    /// These attributes after a JSON merge patch (RFC 7396): null removes, objects merge, anything else replaces.
    ///
    /// # Errors
    /// [`AttributesError`] if the result is too large or too deep.
    pub fn merged(&self, patch: &Map<String, Value>) -> Result<Self, AttributesError> {
        let mut merged = self.as_map().clone();
        merge(&mut merged, patch);
        Self::new(merged)
    }

    /// The object.
    #[must_use]
    pub fn as_map(&self) -> &Map<String, Value> {
        self.0.as_ref().map_or(&NOTHING, |map| map)
    }

    /// Whether there are no attributes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    fn byte_len(&self) -> usize {
        serde_json::to_vec(self.as_map()).map_or(usize::MAX, |bytes| bytes.len())
    }
}

impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_map().serialize(serializer)
    }
}

/// The nesting of objects and arrays, including `value`.
fn depth(value: &Value) -> usize {
    match value {
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// RFC 7396, section 2. The parser that made the patch limits its depth.
fn merge(target: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (name, value) in patch {
        match value {
            Value::Null => {
                target.remove(name);
            }
            Value::Object(inner) => {
                let slot = target.entry(name.as_str()).or_insert_with(|| Value::Object(Map::new()));
                if !slot.is_object() {
                    *slot = Value::Object(Map::new());
                }
                if let Value::Object(object) = slot {
                    merge(object, inner);
                }
            }
            _ => {
                target.insert(name.clone(), value.clone());
            }
        }
    }
}

impl CodedError for AttributesError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotAnObject => "attributes_invalid",
            Self::TooLarge => "attributes_too_large",
            Self::TooDeep => "attributes_too_deep",
        }
    }
}

impl TryFrom<Map<String, Value>> for Attributes {
    type Error = AttributesError;
    fn try_from(map: Map<String, Value>) -> Result<Self, Self::Error> {
        Self::new(map)
    }
}

impl From<Attributes> for Map<String, Value> {
    fn from(attributes: Attributes) -> Self {
        attributes.0.map(Arc::unwrap_or_clone).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn attributes(value: Value) -> Attributes {
        Attributes::from_value(value).unwrap()
    }

    #[test]
    fn a_merge_patch_replaces_removes_and_descends() {
        let before = attributes(json!({"a": 1, "b": {"c": 2, "d": 3}, "e": "x"}));
        let patch = json!({"a": null, "b": {"c": null, "f": {"g": null, "h": 1}}, "e": {"i": 1}});
        let after = before.merged(patch.as_object().unwrap()).unwrap();
        assert_eq!(after, attributes(json!({"b": {"d": 3, "f": {"h": 1}}, "e": {"i": 1}})));
    }

    #[test]
    fn the_limit_holds_for_the_compact_form() {
        let fits = json!({"k": "x".repeat(Attributes::MAX_BYTES - 8)});
        assert!(Attributes::from_value(fits).is_ok());
        let over = json!({"k": "x".repeat(Attributes::MAX_BYTES - 7)});
        assert_eq!(Attributes::from_value(over), Err(AttributesError::TooLarge));
    }

    #[test]
    fn attributes_have_a_maximum_depth() {
        let nested = |levels| (1..levels).fold(json!({}), |inner, _| json!({"a": inner}));
        assert!(Attributes::from_value(nested(Attributes::MAX_DEPTH)).is_ok());
        assert_eq!(Attributes::from_value(nested(Attributes::MAX_DEPTH + 1)), Err(AttributesError::TooDeep));
    }

    #[test]
    fn only_an_object_is_accepted() {
        for value in [json!(null), json!([]), json!("x"), json!(1)] {
            assert_eq!(Attributes::from_value(value), Err(AttributesError::NotAnObject));
        }
    }
}
