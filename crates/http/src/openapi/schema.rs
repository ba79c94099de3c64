//! Schemas beyond paperclip's model.

use paperclip::v2::models::{DataType, DefaultSchemaRaw, Either};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::mem;

/// Where a schema hides in an example until the finishing pass.
pub(crate) const HIDDEN: &str = "x-schema";

/// A schema written as JSON Schema, in the words of OpenAPI 3.0.
pub(crate) fn schema(schema: &Value) -> DefaultSchemaRaw {
    let data_type = schema.get("type").and_then(|name| serde_json::from_value::<DataType>(name.clone()).ok());
    let items = (data_type == Some(DataType::Array)).then(Box::default);
    DefaultSchemaRaw {
        data_type,
        items,
        example: Some(json!({ HIDDEN: schema })),
        ..DefaultSchemaRaw::default()
    }
}

/// The same schema, taking null as well.
pub(crate) fn nullable(mut inner: DefaultSchemaRaw) -> DefaultSchemaRaw {
    let mut hidden = match inner.example.take() {
        Some(Value::Object(mut example)) => example.remove(HIDDEN).unwrap_or_else(|| json!({})),
        _ => json!({}),
    };
    if let Some(hidden) = hidden.as_object_mut() {
        hidden.insert("nullable".to_owned(), true.into());
    }
    inner.example = Some(json!({ HIDDEN: hidden }));
    inner
}

/// Puts a schema into the map of definitions, with every named one below it, and gives back the reference.
///
/// paperclip alone would repeat nested schemas in place, under no name.
pub(crate) fn define(
    mut schema: DefaultSchemaRaw,
    definitions: &mut BTreeMap<String, DefaultSchemaRaw>,
) -> DefaultSchemaRaw {
    let below = schema.properties.values_mut().chain(schema.items.iter_mut());
    let below = below.chain(schema.extra_props.iter_mut().filter_map(Either::right_mut));
    for child in below {
        **child = define(mem::take(&mut **child), definitions);
    }
    let Some(name) = schema.name.clone() else { return schema };
    let reference = Some(format!("#/definitions/{name}"));
    schema.reference = None;
    definitions.insert(name, schema);
    DefaultSchemaRaw { reference, ..DefaultSchemaRaw::default() }
}
