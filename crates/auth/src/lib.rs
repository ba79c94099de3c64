#![doc = include_str!("../README.md")]

#[cfg(feature = "actix")]
pub mod actix;
#[cfg(feature = "api-key")]
pub mod api_key;
#[cfg(feature = "verify")]
mod auth_error;
#[cfg(feature = "verify")]
mod authenticator;
#[cfg(feature = "verify")]
mod bearer;
mod clock;
#[cfg(any(feature = "api-key", feature = "password", feature = "verify"))]
mod entropy;
#[cfg(feature = "fetch")]
pub mod fetch;
#[cfg(feature = "password")]
pub mod password;
#[cfg(feature = "issue")]
pub mod sealing;
#[cfg(feature = "test-kit")]
pub mod test_kit;
#[cfg(feature = "verify")]
pub mod token;
#[cfg(feature = "tower")]
pub mod tower;

#[cfg(feature = "verify")]
pub use auth_error::{AuthError, AuthRequirement, Problem};
#[cfg(feature = "verify")]
pub use authenticator::TokenAuthenticator;
#[cfg(feature = "verify")]
pub use bearer::bearer_token;
pub use clock::{Clock, SystemClock};
#[cfg(any(feature = "api-key", feature = "password", feature = "verify"))]
pub use entropy::{Entropy, SystemEntropy};
