//! A [tower](tower_service) layer: for axum, tonic, and whatever else is built from tower services over `http`.
//!
//! [`AuthLayer`] lets a request through only with an accepted token, and adds the [`Caller`] to the request's
//! extensions. It holds the authenticator itself, so there is nothing to register. With axum:
//!
//! ```
//! use axum::routing::get;
//! use axum::{Extension, Router};
//! use roster_auth::TokenAuthenticator;
//! use roster_auth::token::{TokenVerifier, VerifierSettings, VerifyingKey};
//! use roster_auth::tower::{AuthLayer, Caller};
//!
//! async fn whoami(Extension(caller): Extension<Caller>) -> String {
//!     caller.sub.to_string()
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let secret = VerifyingKey::from_secret(b"at least thirty-two bytes, from JWT_SECRET")?;
//! let settings = VerifierSettings::new("https://users.example", "invoices");
//! let auth = AuthLayer::new(TokenAuthenticator::new(TokenVerifier::new(secret, settings)));
//! let app: Router = Router::new()
//!     .route("/invoices", get(|| async { "all invoices" }))
//!     .route_layer(auth.clone().with_scope("invoices:read"))
//!     .route("/me", get(whoami).layer(auth))
//!     .route("/health", get(|| async { "open to everyone" }));
//! # Ok(()) }
//! ```

mod layer;
mod service;
#[cfg(test)]
mod tests;

pub use layer::{AuthLayer, Caller};
pub use service::AuthService;
