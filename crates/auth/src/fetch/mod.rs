//! Asking the issuer: for its keys, and whether a token is still active.
//!
//! Both work on threads of their own with a blocking client, so that they fit any async runtime, and none. Answers
//! are bounded in time and size, redirects are refused, and an [`Endpoint`] is `https`, or on this machine.
//!
//! ```no_run
//! use roster_auth::TokenAuthenticator;
//! use roster_auth::fetch::{Endpoint, Introspector, IntrospectorSettings, KeyFetcher, KeyFetcherSettings};
//! use roster_auth::token::{KeySet, TokenVerifier, VerifierSettings};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let settings = VerifierSettings::new("https://users.example", "orders");
//! let verifier = TokenVerifier::new(KeySet::default(), settings);
//! let keys = Endpoint::new("https://users.example/.well-known/jwks.json")?;
//! let fetcher = KeyFetcher::start(verifier, KeyFetcherSettings::new(keys))?;
//!
//! // Offline: a revoked token is accepted until it expires.
//! let authenticator = TokenAuthenticator::fetching(fetcher);
//!
//! // Or at once, for the price of a question every few seconds a token.
//! let introspection = Endpoint::new("https://users.example/oauth/introspect")?;
//! let settings = IntrospectorSettings::bearer(introspection, "rk_…, an API key that may ask".to_owned());
//! let authenticator = authenticator.asking(Introspector::start(settings)?);
//! # Ok(()) }
//! ```

mod client;
mod endpoint;
mod introspector;
mod key_fetcher;
#[cfg(test)]
pub(crate) mod stub;
mod wait;

pub use endpoint::{Endpoint, EndpointError};
pub use introspector::{Introspector, IntrospectorSettings, IssuerUnavailable};
pub use key_fetcher::{KeyFetcher, KeyFetcherSettings};
