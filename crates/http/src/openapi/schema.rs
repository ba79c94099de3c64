//! Schemas beyond paperclip's model.

use paperclip::v2::models::{DataType, DefaultSchemaRaw, Either};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::mem;

/// The member of an example that carries a schema until the finishing pass.
pub(crate) const HIDDEN: &str = "x-schema";

/// A schema written as the JSON Schema of OpenAPI 3.0.
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

/// The same schema, which also accepts null.
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

/// Adds a schema and every named schema inside it to the definitions, and returns a reference to it.
///
/// paperclip alone would repeat nested schemas in place, without a name.
pub(crate) fn define(
    mut schema: DefaultSchemaRaw,
    definitions: &mut BTreeMap<String, DefaultSchemaRaw>,
) -> DefaultSchemaRaw {
    let children = schema.properties.values_mut().chain(schema.items.iter_mut());
    let children = children.chain(schema.extra_props.iter_mut().filter_map(Either::right_mut));
    for child in children {
        **child = define(mem::take(&mut **child), definitions);
    }
    let Some(name) = schema.name.clone() else { return schema };
    let reference = Some(format!("#/definitions/{name}"));
    schema.reference = None;
    definitions.insert(name, schema);
    DefaultSchemaRaw { reference, ..DefaultSchemaRaw::default() }
}

/// Implements paperclip's traits for extractors that leave no trace in the document.
macro_rules! undocumented {
    ($($ty:ty),+) => {$(
        impl paperclip::v2::schema::Apiv2Schema for $ty {}
        impl paperclip::actix::OperationModifier for $ty {}
    )+};
}
pub(crate) use undocumented;
