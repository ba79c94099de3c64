//! Values of columns, written and read in the same way by every engine.

use std::borrow::Cow;

use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::error::ColumnError;
use crate::time::{micros, timestamp};
use jiff::Timestamp;

/// A value for a column or a placeholder. An engine binds it in its own form.
#[derive(Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// No value.
    Null,
    /// A truth value: INTEGER 0 or 1 in SQLite.
    Flag(bool),
    /// A number or a time.
    Number(i64),
    /// A text, or JSON as text.
    Text(Cow<'a, str>),
    /// A text, or none.
    OptionalText(Option<Cow<'a, str>>),
    /// An id: BLOB of 16 bytes in SQLite.
    Id(Uuid),
    /// An id, or none.
    OptionalId(Option<Uuid>),
    /// A number or a time, or none.
    OptionalNumber(Option<i64>),
    /// A digest.
    Bytes(Cow<'a, [u8]>),
}

/// The columns of a row in the order of the statement. Each call reads the next column; its name is for errors.
pub trait Columns {
    /// A number or a time.
    ///
    /// # Errors
    /// [`ColumnError`] if it is something else. The same applies to the other methods.
    fn number(&mut self, column: &'static str) -> Result<i64, ColumnError>;
    /// A number or a time, or none.
    ///
    /// # Errors
    /// [`ColumnError`].
    fn optional_number(&mut self, column: &'static str) -> Result<Option<i64>, ColumnError>;
    /// A text.
    ///
    /// # Errors
    /// [`ColumnError`].
    fn text(&mut self, column: &'static str) -> Result<String, ColumnError>;
    /// A text, or none.
    ///
    /// # Errors
    /// [`ColumnError`].
    fn optional_text(&mut self, column: &'static str) -> Result<Option<String>, ColumnError>;
    /// A truth value.
    ///
    /// # Errors
    /// [`ColumnError`].
    fn flag(&mut self, column: &'static str) -> Result<bool, ColumnError>;
    /// An id.
    ///
    /// # Errors
    /// [`ColumnError`].
    fn id(&mut self, column: &'static str) -> Result<Uuid, ColumnError>;
    /// An id, or none.
    ///
    /// # Errors
    /// [`ColumnError`].
    fn optional_id(&mut self, column: &'static str) -> Result<Option<Uuid>, ColumnError>;
    /// A digest of 32 bytes.
    ///
    /// # Errors
    /// [`ColumnError`].
    fn digest(&mut self, column: &'static str) -> Result<[u8; 32], ColumnError>;

    /// A time.
    ///
    /// # Errors
    /// [`ColumnError`].
    fn time(&mut self, column: &'static str) -> Result<Timestamp, ColumnError> {
        timestamp(column, self.number(column)?)
    }

    /// A time, or none.
    ///
    /// # Errors
    /// [`ColumnError`].
    fn optional_time(&mut self, column: &'static str) -> Result<Option<Timestamp>, ColumnError> {
        self.optional_number(column)?.map(|at| timestamp(column, at)).transpose()
    }

    /// A counter, stored with the bits of its unsigned form.
    ///
    /// # Errors
    /// [`ColumnError`].
    fn counter(&mut self, column: &'static str) -> Result<u64, ColumnError> {
        Ok(self.number(column)?.cast_unsigned())
    }

    /// A text that a domain constructor checks.
    ///
    /// # Errors
    /// [`ColumnError`].
    fn parsed<T: TryFrom<String>>(&mut self, column: &'static str) -> Result<T, ColumnError>
    where
        T::Error: std::error::Error + Send + Sync + 'static,
    {
        T::try_from(self.text(column)?).map_err(|error| ColumnError::new(column, error))
    }

    /// A text that a domain constructor checks, or none.
    ///
    /// # Errors
    /// [`ColumnError`].
    fn optional_parsed<T: TryFrom<String>>(&mut self, column: &'static str) -> Result<Option<T>, ColumnError>
    where
        T::Error: std::error::Error + Send + Sync + 'static,
    {
        let text = self.optional_text(column)?;
        text.map(T::try_from).transpose().map_err(|error| ColumnError::new(column, error))
    }

    /// A value stored as JSON.
    ///
    /// # Errors
    /// [`ColumnError`].
    fn json<T: DeserializeOwned>(&mut self, column: &'static str) -> Result<T, ColumnError> {
        let text = self.text(column)?;
        serde_json::from_str(&text).map_err(|error| ColumnError::new(column, error))
    }
}

impl<'a> Value<'a> {
    /// A text.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    /// A text, or none.
    pub fn optional_text(text: Option<impl Into<Cow<'a, str>>>) -> Self {
        Self::OptionalText(text.map(Into::into))
    }

    /// A time.
    #[must_use]
    pub fn time(time: Timestamp) -> Self {
        Self::Number(micros(time))
    }

    /// A time, or none.
    #[must_use]
    pub fn optional_time(time: Option<Timestamp>) -> Self {
        Self::OptionalNumber(time.map(micros))
    }

    /// A counter, with the bits of its unsigned form.
    #[must_use]
    pub const fn counter(counter: u64) -> Self {
        Self::Number(counter.cast_signed())
    }

    /// A digest.
    #[must_use]
    pub const fn digest(digest: &'a [u8; 32]) -> Self {
        Self::Bytes(Cow::Borrowed(digest))
    }

    /// A value as JSON. Every value that is stored this way can be written as JSON.
    #[must_use]
    pub fn json(value: &impl Serialize) -> Self {
        Self::Text(Cow::Owned(serde_json::to_string(value).unwrap_or_default()))
    }
}
