//! Converts OpenAPI 3.0 schemas to JSON Schema 2020-12.

use serde_json::{Map, Value, json};

/// Keywords whose value is a schema.
const SCHEMA_KEYWORDS: [&str; 3] = ["items", "additionalProperties", "not"];
/// Keywords whose value is a list of schemas.
const LIST_KEYWORDS: [&str; 3] = ["allOf", "anyOf", "oneOf"];

/// A self-contained schema that includes all named schemas of the document.
pub(crate) fn standalone(schema: &Value, components: &Value) -> Value {
    let named = components["schemas"].as_object().cloned().unwrap_or_default();
    let named: Map<String, Value> =
        named.into_iter().map(|(name, schema)| (name, translate(&schema))).collect();
    let mut root = translate(schema);
    root["components"] = json!({ "schemas": named });
    root
}

/// Turns `nullable` into the type `null` and removes `example`.
fn translate(schema: &Value) -> Value {
    let Some(object) = schema.as_object() else { return schema.clone() };
    let mut out: Map<String, Value> = object
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "nullable" | "example"))
        .map(|(name, value)| (name.clone(), translate_keyword(name, value)))
        .collect();
    if object.get("nullable") == Some(&Value::Bool(true)) {
        match out.get("type") {
            Some(Value::String(name)) => {
                let types = json!([name, "null"]);
                out.insert("type".to_owned(), types);
            }
            _ => return json!({ "anyOf": [out, { "type": "null" }] }),
        }
        if let Some(Value::Array(values)) = out.get_mut("enum")
            && !values.contains(&Value::Null)
        {
            values.push(Value::Null);
        }
    }
    Value::Object(out)
}

fn translate_keyword(name: &str, value: &Value) -> Value {
    match value {
        Value::Object(schemas) if name == "properties" => {
            schemas.iter().map(|(name, schema)| (name.clone(), translate(schema))).collect()
        }
        Value::Array(schemas) if LIST_KEYWORDS.contains(&name) => schemas.iter().map(translate).collect(),
        _ if SCHEMA_KEYWORDS.contains(&name) => translate(value),
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nullable_schema_accepts_null() {
        let components =
            json!({ "schemas": { "Name": { "type": "string", "enum": ["a"], "nullable": true } } });
        let schema = json!({ "type": "object", "properties": {
            "name": { "$ref": "#/components/schemas/Name" },
            "nullable": { "type": "integer" },
        }});
        let validator = jsonschema::validator_for(&standalone(&schema, &components)).unwrap();
        assert!(validator.is_valid(&json!({ "name": null, "nullable": 1 })));
        assert!(validator.is_valid(&json!({ "name": "a" })));
        assert!(!validator.is_valid(&json!({ "name": "b" })));
        assert!(!validator.is_valid(&json!({ "nullable": null })));
    }
}
