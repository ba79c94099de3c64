//! Fields, found by any spelling of their name.

use crate::fields::values::{is_blank, is_empty};
use crate::naming::normalized;
use serde_json::{Map, Value};

/// One field of a record.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// The name in the file.
    pub(crate) name: String,
    pub(crate) value: Value,
    normalized: String,
}

/// The fields of a record that have not been taken yet.
pub(crate) struct Fields(Vec<Field>);

impl Field {
    /// Its name in lower case without separators.
    pub(crate) fn normalized(&self) -> &str {
        &self.normalized
    }

    /// Whether this is its normalized name.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        self.normalized == name
    }

    /// A field with this name.
    pub(crate) fn new(name: &str, value: Value) -> Self {
        Self { normalized: normalized(name), name: name.to_owned(), value }
    }
}

impl Fields {
    pub(crate) fn new(map: Map<String, Value>) -> Self {
        let field = |(name, value): (String, Value)| Field { normalized: normalized(&name), name, value };
        Self(map.into_iter().map(field).collect())
    }

    /// Takes the first field with one of these names that has a value; earlier names win. Fields with one of the
    /// names that are empty or have the same value are removed too; those with another value stay.
    pub(crate) fn take(&mut self, names: &[&str]) -> Option<Field> {
        if !self.has_any(names) {
            return None;
        }
        let best = names.iter().find_map(|name| {
            self.0.iter().position(|field| field.normalized == *name && !is_empty(&field.value))
        });
        let taken = best.map(|index| self.0.remove(index));
        self.0.retain(|field| {
            let same = taken.as_ref().is_none_or(|taken| taken.value == field.value);
            !names.contains(&&*field.normalized) || !(is_empty(&field.value) || same)
        });
        taken
    }

    /// Takes every field with one of these names that has a value, and removes the empty ones.
    pub(crate) fn take_each(&mut self, names: &[&str]) -> Vec<Field> {
        self.take_where(|field| names.contains(&&*field.normalized))
    }

    /// Takes every field that `matches` and has a value, and removes the empty ones.
    pub(crate) fn take_where(&mut self, matches: impl Fn(&Field) -> bool) -> Vec<Field> {
        let mut taken = self.take_with_zero_dates_where(matches);
        taken.retain(|field| !is_empty(&field.value));
        taken
    }

    /// Like [`Self::take_where`], but a date of zeros counts as a value.
    pub(crate) fn take_with_zero_dates_where(&mut self, matches: impl Fn(&Field) -> bool) -> Vec<Field> {
        let mut taken: Vec<Field> = self.0.extract_if(.., |field| matches(field)).collect();
        taken.retain(|field| !is_blank(&field.value));
        taken
    }

    /// The value of a field, which stays.
    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        let has_value = |field: &&Field| field.normalized == name && !is_empty(&field.value);
        self.0.iter().find(has_value).map(|field| &field.value)
    }

    /// Whether there is a field with one of these names, even an empty one.
    pub(crate) fn has_any(&self, names: &[&str]) -> bool {
        self.0.iter().any(|field| names.contains(&&*field.normalized))
    }

    /// The text of a field, which stays.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|field| field.normalized == name)?.value.as_str().map(str::trim)
    }

    /// Puts a field back, to be kept as an attribute.
    pub(crate) fn put_back(&mut self, field: Field) {
        self.0.push(field);
    }

    /// The fields that have not been taken yet.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Field> {
        self.0.iter()
    }

    /// Takes all remaining fields.
    pub(crate) fn take_rest(&mut self) -> Vec<Field> {
        std::mem::take(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(value: &Value) -> Fields {
        Fields::new(value.as_object().unwrap().clone())
    }

    #[test]
    fn the_first_name_with_a_value_wins() {
        let mut fields = fields(&json!({"name": "B", "full_name": "A", "displayName": " ", "fullname": "A"}));
        assert_eq!(fields.take(&["displayname", "fullname", "name"]).unwrap().value, "A");
        let rest: Vec<_> = fields.take_rest().into_iter().map(|field| field.name).collect();
        assert_eq!(rest, ["name"], "what has_value something else stays");
    }
}
