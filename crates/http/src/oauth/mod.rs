//! Endpoints for clients that speak OAuth 2.0: tokens, introspection, revocation, metadata.

mod caller;
mod client;
mod document;
mod errors;
mod form;
mod issuer_path;
mod layer;
mod requests;
mod routes;
mod views;

pub(crate) use document::replace_errors;
pub(crate) use routes::configure;
