//! The keys that sign over time.

mod change;
mod document;
mod error;
mod key;
mod key_ring;
mod restored;
#[cfg(test)]
mod tests;

pub use change::{KeyChange, KeyChangeKind};
pub use document::RingDamaged;
pub use error::RingError;
pub use key::{KeyState, RingKey};
pub use key_ring::KeyRing;
pub use restored::RestoredRing;
