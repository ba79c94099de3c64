#![doc = include_str!("../README.md")]

mod clock;
#[cfg(any(feature = "issue", feature = "password"))]
mod entropy;
#[cfg(feature = "password")]
pub mod password;
#[cfg(feature = "verify")]
pub mod token;

pub use clock::{Clock, SystemClock};
#[cfg(any(feature = "issue", feature = "password"))]
pub use entropy::{Entropy, SystemEntropy};
