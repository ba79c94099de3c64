//! The success responses of an operation.

use paperclip::v2::models::{DefaultOperationRaw, DefaultResponseRaw, DefaultSchemaRaw, Either};

/// Adds a response that is not an error.
pub(crate) fn add_response(
    operation: &mut DefaultOperationRaw,
    status: u16,
    description: &str,
    schema: Option<DefaultSchemaRaw>,
) {
    let description = Some(description.to_owned());
    let response = DefaultResponseRaw { description, schema, ..DefaultResponseRaw::default() };
    operation.responses.insert(status.to_string(), Either::Right(response));
}
