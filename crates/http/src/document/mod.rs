//! The OpenAPI document: paperclip collects it from the handlers' signatures, a finishing pass completes it.

mod build;
mod endpoint;
mod examples;
mod finish;
mod headers;
mod security;

pub use build::openapi_document;
