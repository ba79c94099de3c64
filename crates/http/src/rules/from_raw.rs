//! A value that arrives in a raw form.

use roster_domain::CodedError;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::borrow::Cow;

/// A value that arrives in a raw form and is then checked.
pub(crate) trait FromRaw: Sized {
    /// The JSON type it arrives as.
    type Raw: DeserializeOwned;

    /// The rule as a schema of OpenAPI 3.0.
    fn schema() -> Value;

    /// Applies the rule.
    fn from_raw(raw: Self::Raw) -> Result<Self, RawError>;
}

/// The rule that a raw value violates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RawError {
    /// A stable code.
    pub(crate) code: &'static str,
    /// The rule, for people.
    pub(crate) message: Cow<'static, str>,
}

impl RawError {
    pub(crate) const fn new(code: &'static str, message: &'static str) -> Self {
        Self { code, message: Cow::Borrowed(message) }
    }

    pub(crate) fn of(error: &impl CodedError) -> Self {
        Self { code: error.code(), message: error.to_string().into() }
    }
}
