//! Rates, such as `50/1h`.

use std::num::NonZeroU32;
use std::time::Duration;

/// A number per duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// The number.
    pub burst: NonZeroU32,
    /// The duration.
    pub per: Duration,
}
