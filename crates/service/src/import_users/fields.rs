//! The fields of a record, by whatever spelling.

use serde_json::{Map, Value};

/// One field of a record.
#[derive(Clone, Debug)]
pub(super) struct Field {
    /// The name in the file.
    pub(super) name: String,
    pub(super) value: Value,
    squashed: String,
}

/// The fields of a record that have not been taken yet.
pub(super) struct Fields(Vec<Field>);

impl Field {
    /// Its name without case and separators.
    pub(super) fn squashed(&self) -> &str {
        &self.squashed
    }

    /// Whether this is its name, squashed.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.squashed == name
    }

    /// A field of this name.
    pub(super) fn new(name: &str, value: Value) -> Self {
        Self { squashed: squashed(name), name: name.to_owned(), value }
    }
}

impl Fields {
    pub(super) fn new(map: Map<String, Value>) -> Self {
        let field = |(name, value): (String, Value)| Field { squashed: squashed(&name), name, value };
        Self(map.into_iter().map(field).collect())
    }

    /// Takes the field that says something under one of these names, the first name counting most. Others
    /// that are empty or say the same go too; those that say something else stay.
    pub(super) fn take(&mut self, names: &[&str]) -> Option<Field> {
        let best = names.iter().find_map(|name| {
            self.0.iter().position(|field| field.squashed == *name && !is_empty(&field.value))
        });
        let taken = best.map(|index| self.0.remove(index));
        self.0.retain(|field| {
            let same = taken.as_ref().is_none_or(|taken| taken.value == field.value);
            !names.contains(&&*field.squashed) || !(is_empty(&field.value) || same)
        });
        taken
    }

    /// Takes every field under one of these names that says something; the empty ones go too.
    pub(super) fn take_each(&mut self, names: &[&str]) -> Vec<Field> {
        self.take_where(|field| names.contains(&&*field.squashed))
    }

    /// Takes every field that `is_meant` and says something; the empty ones go too.
    pub(super) fn take_where(&mut self, is_meant: impl Fn(&Field) -> bool) -> Vec<Field> {
        let mut taken = self.take_even_zeros_where(is_meant);
        taken.retain(|field| !is_empty(&field.value));
        taken
    }

    /// Takes every field that `is_meant` and is neither null nor blank; those go too. A date of zeros is taken.
    pub(super) fn take_even_zeros_where(&mut self, is_meant: impl Fn(&Field) -> bool) -> Vec<Field> {
        let (taken, rest) = self.0.drain(..).partition(|field| is_meant(field));
        self.0 = rest;
        let mut taken: Vec<Field> = taken;
        taken.retain(|field| !is_blank(&field.value));
        taken
    }

    /// What a field that stays says.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        let says = |field: &&Field| field.squashed == name && !is_empty(&field.value);
        self.0.iter().find(says).map(|field| &field.value)
    }

    /// Whether there is a field under one of these names, even an empty one.
    pub(super) fn mention(&self, names: &[&str]) -> bool {
        self.0.iter().any(|field| names.contains(&&*field.squashed))
    }

    /// The text of a field that stays.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|field| field.squashed == name)?.value.as_str().map(str::trim)
    }

    /// Gives one back, to be kept as it is.
    pub(super) fn give_back(&mut self, field: Field) {
        self.0.push(field);
    }

    /// What was not taken yet.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Field> {
        self.0.iter()
    }

    /// What was not taken.
    pub(super) fn take_rest(&mut self) -> Vec<Field> {
        std::mem::take(&mut self.0)
    }
}

/// A field name without case and separators: `password_hash` and `passwordHash` are one.
pub(super) fn squashed(name: &str) -> String {
    name.chars().filter(|char| !matches!(char, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

/// The words of a name in snake, kebab or camel case, lower-cased.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for char in name.chars() {
        let begins = !char.is_alphanumeric() || (char.is_uppercase() && after_lower);
        if begins && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| char.is_alphanumeric()) {
            word.extend(char.to_lowercase());
        }
        after_lower = !char.is_uppercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a value says nothing. Some databases write a date of zeros for that.
pub(super) fn is_empty(value: &Value) -> bool {
    is_blank(value) || is_zero_date(value)
}

/// Whether a value is null or a text of white space.
pub(super) fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// Whether a value is `MySQL`'s zero of a date.
pub(super) fn is_zero_date(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim_start().starts_with("0000-00-00"))
}

/// A text, or a number as one writes it.
pub(super) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Yes or no, in the spellings that databases and forms have for them.
pub(super) fn as_flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) if number.as_f64() == Some(0.0) => Some(false),
        Value::Number(number) if number.as_f64() == Some(1.0) => Some(true),
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "on" | "1" => Some(true),
            "false" | "f" | "no" | "n" | "off" | "0" => Some(false),
            _ => None,
        },
        _ => None,
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
    fn the_first_name_that_says_something_counts() {
        let mut fields = fields(&json!({"name": "B", "full_name": "A", "displayName": " ", "fullname": "A"}));
        assert_eq!(fields.take(&["displayname", "fullname", "name"]).unwrap().value, "A");
        let rest: Vec<_> = fields.take_rest().into_iter().map(|field| field.name).collect();
        assert_eq!(rest, ["name"], "what says something else stays");
    }

    #[test]
    fn yes_and_no_have_many_spellings() {
        for yes in [json!(true), json!(1), json!("Yes"), json!(" on ")] {
            assert_eq!(as_flag(&yes), Some(true), "{yes}");
        }
        for no in [json!(false), json!(0), json!("0"), json!("FALSE"), json!("n")] {
            assert_eq!(as_flag(&no), Some(false), "{no}");
        }
        assert_eq!(as_flag(&json!("maybe")), None);
    }
}
