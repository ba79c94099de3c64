//! The request body of an operation: its media types, and the schema of each.

use super::schema::define;
use paperclip::v2::models::{DefaultOperationRaw, DefaultParameterRaw, Either, ParameterIn};
use paperclip::v2::schema::Apiv2Schema;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Whether an operation can be called without a body.
#[derive(Clone, Copy)]
pub(crate) enum Presence {
    Required,
    Optional,
}

/// A media type and the name of the schema that a body of this type has.
pub(crate) type Media = (&'static str, String);

/// The media type `media` with the schema of `T`.
pub(crate) fn media<T: Apiv2Schema>(media: &'static str) -> Media {
    (media, T::name().unwrap_or_default())
}

/// Adds a request body to an operation, one entry for each media type.
///
/// paperclip's model has one body of one type, so the others are noted in its description, for [`noted_media`].
pub(crate) fn takes_body<T: Apiv2Schema>(
    operation: &mut DefaultOperationRaw,
    presence: Presence,
    media: &[Media],
) {
    let noted: Map<_, _> =
        media.iter().map(|(media, schema)| ((*media).to_owned(), schema.clone().into())).collect();
    operation.parameters.push(Either::Right(DefaultParameterRaw {
        name: "body".to_owned(),
        description: Some(Value::from(noted).to_string()),
        in_: ParameterIn::Body,
        required: matches!(presence, Presence::Required),
        schema: Some(define(T::raw_schema(), &mut BTreeMap::new())),
        ..DefaultParameterRaw::default()
    }));
}

/// The media types that [`takes_body`] noted in a description, each with the name of its schema.
pub(crate) fn noted_media(description: &str) -> Map<String, Value> {
    serde_json::from_str(description).unwrap_or_default()
}
