//! Talking to the issuer: fetching its keys, and asking whether a token is still active.
//!
//! Both use their own threads with a blocking client, so they work with any async runtime and without one. Responses
//! are limited in time and size, redirects are not followed, and an [`Endpoint`] is `https` or on this machine.
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
//! // Or asking Roster about each token, at most once every few seconds.
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
