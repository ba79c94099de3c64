//! How handlers, extractors and views describe themselves for the OpenAPI document.
//!
//! paperclip's model is Swagger 2.0. It cannot express string constraints, `nullable`, several media types or problem
//! details. The types here put what is missing into fields that paperclip passes through: a schema under `x-schema` in
//! its example ([`schema`]), error codes in a response's description ([`errors`]), media types in a body's description
//! ([`body`]). The finishing pass in `document` moves each to its place.

pub(crate) mod body;
pub(crate) mod endpoint;
pub(crate) mod errors;
pub(crate) mod schema;
pub(crate) mod success;
