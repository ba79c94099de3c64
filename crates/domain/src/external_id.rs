//! Ids from other systems.

use crate::CodedError;
use roster_identity::text_value;
use std::sync::Arc;
use thiserror::Error;

/// The id of a person in another system; unique, compared byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExternalId(Arc<str>);

/// Why a text is not an external id.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ExternalIdError {
    /// The text is empty.
    #[error("an external id must not be empty; leave it out or send null")]
    Empty,
    /// More than [`ExternalId::MAX_LEN`] code points.
    #[error("an external id has at most {} characters", ExternalId::MAX_LEN)]
    TooLong,
    /// A line break or another control character.
    #[error("an external id must not contain control characters")]
    Control,
}

impl ExternalId {
    /// The maximum number of code points.
    pub const MAX_LEN: usize = 255;
    /// The minimum number of code points.
    pub const MIN_LEN: usize = 1;

    /// Checks an external id, which is kept as given.
    ///
    /// # Errors
    /// The first rule of [`ExternalIdError`] that the text violates.
    pub fn new(text: impl Into<String>) -> Result<Self, ExternalIdError> {
        let text = text.into();
        if text.is_empty() {
            return Err(ExternalIdError::Empty);
        }
        if text.chars().count() > Self::MAX_LEN {
            return Err(ExternalIdError::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(ExternalIdError::Control);
        }
        Ok(Self(text.into()))
    }

    /// The same text, for an index that shares it.
    #[must_use]
    pub const fn as_shared(&self) -> &Arc<str> {
        &self.0
    }
}

text_value!(ExternalId, 0, ExternalIdError);

impl CodedError for ExternalIdError {
    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "external_id_empty",
            Self::TooLong => "external_id_too_long",
            Self::Control => "external_id_invalid",
        }
    }
}
