//! Pages of a list.

use super::sort::Position;
use crate::CodedError;
use thiserror::Error;

/// The page size: 1 to 1,000, by default 50.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Limit(u16);

/// A number that is not a valid limit.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a limit must be {} to {}", Limit::MIN, Limit::MAX)]
pub struct LimitError;

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T, P = Position> {
    /// The items, in order.
    pub items: Vec<T>,
    /// The start of the next page, if there is one.
    pub next: Option<P>,
}

impl Limit {
    /// The minimum.
    pub const MIN: u16 = 1;
    /// The maximum.
    pub const MAX: u16 = 1_000;
    /// The default.
    pub const DEFAULT: u16 = 50;

    /// Checks a page size.
    ///
    /// # Errors
    /// [`LimitError`] outside 1 to 1,000.
    pub fn new(number: u64) -> Result<Self, LimitError> {
        match u16::try_from(number) {
            Ok(limit @ Self::MIN..=Self::MAX) => Ok(Self(limit)),
            _ => Err(LimitError),
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(Self::DEFAULT)
    }
}

impl CodedError for LimitError {
    fn code(&self) -> &'static str {
        "limit_invalid"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_has_bounds() {
        assert_eq!(Limit::new(0), Err(LimitError));
        assert_eq!(Limit::new(1_001), Err(LimitError));
        assert_eq!(Limit::new(u64::MAX), Err(LimitError));
        assert_eq!(Limit::new(1_000).unwrap().get(), 1_000);
    }
}
