//! Finds the email addresses in a value.

use serde_json::Value;

/// The addresses in a text, a list of texts, or a list of objects with an address. A primary address comes first.
pub(crate) fn addresses(value: &Value) -> Vec<String> {
    let of_object = |object: &Value| {
        let named = ["address", "value", "email"].iter().find_map(|name| object.get(name)?.as_str());
        named.map(str::to_owned)
    };
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => {
            let mut items: Vec<&Value> = items.iter().collect();
            items.sort_by_key(|item| item.get("primary").and_then(Value::as_bool) != Some(true));
            items
                .into_iter()
                .filter_map(|item| item.as_str().map(str::to_owned).or_else(|| of_object(item)))
                .collect()
        }
        value => of_object(value).into_iter().collect(),
    }
}
