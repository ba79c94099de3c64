#![doc = include_str!("../README.md")]

#[cfg(any(feature = "issue", feature = "password"))]
mod entropy;
#[cfg(feature = "password")]
pub mod password;
#[cfg(feature = "verify")]
pub mod token;

#[cfg(any(feature = "issue", feature = "password"))]
pub use entropy::{Entropy, SystemEntropy};
