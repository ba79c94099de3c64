//! Examples of whole schemas, assembled from the examples of their parts.

use serde_json::{Map, Value, json};

/// Gives an example to every named schema that has none, if all its required parts have one.
pub(super) fn complete(document: &mut Value) {
    let known = document["components"]["schemas"].clone();
    for (name, schema) in document["components"]["schemas"].as_object_mut().into_iter().flatten() {
        if let Some(example) = known.get(name).and_then(|schema| of(schema, &known)) {
            schema["example"] = example;
        }
    }
    fill_forms(document);
}

/// The example of a schema: its own, or else one made of the examples of its parts, if all required parts have one.
fn of(schema: &Value, known: &Value) -> Option<Value> {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return of(&known[name], known);
    }
    if let Some(own) = schema.get("example") {
        return Some(own.clone());
    }
    match schema["type"].as_str()? {
        "boolean" => Some(true.into()),
        "array" => of(&schema["items"], known).map(|item| json!([item])),
        "object" => {
            let parts = schema["properties"].as_object()?.iter();
            let example = parts.filter_map(|(name, part)| Some((name.clone(), of(part, known)?)));
            let example = example.collect::<Map<_, _>>();
            let mut required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            required.all(|name| example.contains_key(name)).then_some(example.into())
        }
        _ => None,
    }
}

/// Gives each field of a form its value in the form's example, or an empty one. The docs page fills forms field by field,
/// and would send `string` for a field without an example.
fn fill_forms(document: &mut Value) {
    for name in forms(document) {
        let schema = &mut document["components"]["schemas"][name];
        let example = schema["example"].clone();
        for (field, part) in schema["properties"].as_object_mut().into_iter().flatten() {
            part["example"] = example.get(field).cloned().unwrap_or_else(|| "".into());
        }
    }
}

/// The names of the schemas that are sent as forms.
fn forms(document: &Value) -> Vec<String> {
    const SCHEMA: &str = "/requestBody/content/application~1x-www-form-urlencoded/schema/$ref";
    let items = document["paths"].as_object().into_iter().flat_map(Map::values);
    let operations = items.filter_map(Value::as_object).flat_map(Map::values);
    let references =
        operations.filter_map(|operation| operation.pointer(SCHEMA)?.as_str()?.rsplit('/').next());
    references.map(str::to_owned).collect()
}
