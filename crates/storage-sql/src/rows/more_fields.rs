//! Fields without a column of their own, together in a column with a JSON object.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The JSON object of these fields.
pub(super) fn write(row: &impl Serialize, fields: &[&str]) -> String {
    if fields.is_empty() {
        return "{}".to_owned();
    }
    Value::Object(select(row, fields)).to_string()
}

/// The row with these fields from the JSON object. A newer Roster may have written others, which do not count.
pub(super) fn read<T>(row: T, stored: &str, fields: &[&str]) -> Result<T, serde_json::Error>
where
    T: Serialize + DeserializeOwned,
{
    let mut stored: Map<String, Value> = serde_json::from_str(stored)?;
    stored.retain(|field, _| fields.contains(&field.as_str()));
    if stored.is_empty() {
        return Ok(row);
    }
    let Value::Object(mut whole) = serde_json::to_value(row)? else { return from_object(stored) };
    whole.extend(stored);
    from_object(whole)
}

/// The stored object with the new values of these fields, or `None` if that is what it is already. Other fields stay.
pub(super) fn merge(stored: &[u8], new: &str, fields: &[&str]) -> Option<String> {
    let before: Map<String, Value> = serde_json::from_slice(stored).unwrap_or_default();
    let new: Map<String, Value> = serde_json::from_str(new).unwrap_or_default();
    let mut after = before.clone();
    after.retain(|field, _| !fields.contains(&field.as_str()));
    after.extend(new);
    (after != before).then(|| Value::Object(after).to_string())
}

fn select(row: &impl Serialize, fields: &[&str]) -> Map<String, Value> {
    let Ok(Value::Object(mut whole)) = serde_json::to_value(row) else { return Map::new() };
    whole.retain(|field, _| fields.contains(&field.as_str()));
    whole
}

fn from_object<T: DeserializeOwned>(object: Map<String, Value>) -> Result<T, serde_json::Error> {
    serde_json::from_value(Value::Object(object))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Person {
        id: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        locale: Option<String>,
        #[serde(default)]
        devices: Vec<String>,
    }

    const FIELDS: [&str; 2] = ["locale", "devices"];

    fn person() -> Person {
        Person { id: 7, locale: Some("de".to_owned()), devices: vec!["phone".to_owned()] }
    }

    #[test]
    fn fields_without_a_column_are_read_as_they_were_written() {
        let stored = write(&person(), &FIELDS);
        assert_eq!(stored, r#"{"devices":["phone"],"locale":"de"}"#);
        let from_columns = Person { id: 7, ..Person::default() };
        assert_eq!(read(from_columns, &stored, &FIELDS).unwrap(), person());
    }

    #[test]
    fn a_field_of_a_newer_roster_does_not_count_and_stays() {
        let stored = r#"{"locale":"de","shoe_size":43}"#;
        let read = read(Person { id: 7, ..Person::default() }, stored, &FIELDS).unwrap();
        assert_eq!(read, Person { devices: Vec::new(), ..person() });
        let without = write(&Person { locale: None, ..read }, &FIELDS);
        assert_eq!(merge(stored.as_bytes(), &without, &FIELDS).unwrap(), r#"{"devices":[],"shoe_size":43}"#);
    }

    #[test]
    fn an_object_that_does_not_change_is_not_written() {
        let stored = r#"{ "shoe_size": 43, "devices": ["phone"], "locale": "de" }"#;
        assert_eq!(merge(stored.as_bytes(), &write(&person(), &FIELDS), &FIELDS), None);
    }

    #[test]
    fn an_invalid_value_is_an_error() {
        read(Person::default(), r#"{"devices":3}"#, &FIELDS).unwrap_err();
        read(Person::default(), "[]", &FIELDS).unwrap_err();
    }
}
