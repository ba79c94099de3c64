//! Extractors for actix-web.
//!
//! Give the application a [`TokenAuthenticator`](crate::TokenAuthenticator) as [`Data`](actix_web::web::Data), and
//! state in each handler's signature who may call it:
//!
//! ```
//! use actix_web::web::{self, Data};
//! use actix_web::{App, Responder};
//! use roster_auth::TokenAuthenticator;
//! use roster_auth::actix::{Authenticated, Authorized, Permit};
//! use roster_auth::token::{TokenVerifier, VerifierSettings, VerifyingKey};
//!
//! struct ReadInvoices;
//!
//! impl Permit for ReadInvoices {
//!     const NAME: &'static str = "invoices:read";
//! }
//!
//! async fn whoami(caller: Authenticated) -> impl Responder {
//!     caller.sub.to_string()
//! }
//!
//! async fn invoices(caller: Authorized<ReadInvoices>) -> impl Responder {
//!     format!("all invoices, for {}", caller.sub)
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = VerifyingKey::from_secret(b"at least thirty-two bytes, from JWT_SECRET")?;
//! let verifier = TokenVerifier::new(key, VerifierSettings::new("https://users.example", "invoices"));
//! let authenticator = Data::new(TokenAuthenticator::new(verifier));
//! let app = App::new()
//!     .app_data(authenticator)
//!     .route("/me", web::get().to(whoami))
//!     .route("/invoices", web::get().to(invoices));
//! # drop(app);
//! # Ok(()) }
//! ```
//!
//! Rejected requests get a problem detail (RFC 9457) and a challenge (RFC 6750): 401 without an accepted token, 403
//! without the permission. Without the `Data`, requests with a token get 500, and the log says what is missing.

mod authenticator;
mod extract;
mod respond;
#[cfg(test)]
mod tests;

pub use authenticator::{Authenticator, Permit};
pub use extract::{Authenticated, Authorized, MaybeAuthenticated, bearer_token};
