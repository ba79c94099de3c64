//! Rates, such as `50/1h`.

use std::num::NonZeroU32;
use std::time::Duration;

/// So many in so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub burst: NonZeroU32,
    /// In how long.
    pub per: Duration,
}
