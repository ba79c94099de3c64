//! Parameters of statements.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use bytes::BytesMut;
use roster_storage_sql::Value;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

/// A parameter.
#[derive(Clone)]
pub(crate) enum Parameter<'a> {
    /// A value of a column.
    Value(Value<'a>),
    /// The values of a column of this type, in several rows.
    Column(Type, Vec<Element<'a>>),
    /// Ids.
    Ids(Vec<Uuid>),
    /// Texts.
    Texts(Vec<Cow<'a, str>>),
    /// Hashes of sequences of characters.
    Grams(Vec<i32>),
    /// A small number.
    Small(i16),
    /// Small numbers.
    Smalls(Vec<i16>),
    /// Numbers.
    Numbers(Vec<i64>),
    /// Numbers of locks.
    Locks(Vec<i32>),
}

impl Parameter<'_> {
    /// The parameter as the driver takes it.
    pub(crate) fn as_sql(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::Value(value) => as_sql(value),
            Self::Column(_, values) => values,
            Self::Ids(ids) => ids,
            Self::Texts(texts) => texts,
            Self::Grams(numbers) | Self::Locks(numbers) => numbers,
            Self::Small(number) => number,
            Self::Smalls(numbers) => numbers,
            Self::Numbers(numbers) => numbers,
        }
    }
}

impl Parameter<'_> {
    /// The type of its column.
    pub(crate) fn sql_type(&self) -> Type {
        match self {
            Self::Value(value) => type_of(value),
            Self::Column(kind, _) => array_of(kind),
            Self::Ids(_) => Type::UUID_ARRAY,
            Self::Texts(_) => Type::TEXT_ARRAY,
            Self::Grams(_) | Self::Locks(_) => Type::INT4_ARRAY,
            Self::Small(_) => Type::INT2,
            Self::Smalls(_) => Type::INT2_ARRAY,
            Self::Numbers(_) => Type::INT8_ARRAY,
        }
    }
}

/// A value in an array.
#[derive(Clone)]
pub(crate) struct Element<'a>(Value<'a>);

impl<'a> From<Value<'a>> for Element<'a> {
    fn from(value: Value<'a>) -> Self {
        Self(value)
    }
}

impl fmt::Debug for Element<'_> {
    /// It may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Element")
    }
}

impl ToSql for Element<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        as_sql(&self.0).to_sql_checked(kind, out)
    }

    fn accepts(_: &Type) -> bool {
        // The value itself checks.
        true
    }

    to_sql_checked!();
}

/// The type of an array of values of this type.
fn array_of(element: &Type) -> Type {
    match *element {
        Type::UUID => Type::UUID_ARRAY,
        Type::INT8 => Type::INT8_ARRAY,
        Type::BOOL => Type::BOOL_ARRAY,
        _ => Type::TEXT_ARRAY,
    }
}

impl<'a> From<Value<'a>> for Parameter<'a> {
    fn from(value: Value<'a>) -> Self {
        Self::Value(value)
    }
}

impl<'a> From<&'a str> for Parameter<'a> {
    fn from(text: &'a str) -> Self {
        Self::Value(Value::Text(text.into()))
    }
}

impl From<i64> for Parameter<'_> {
    fn from(number: i64) -> Self {
        Self::Value(Value::Number(number))
    }
}

impl From<Uuid> for Parameter<'_> {
    fn from(id: Uuid) -> Self {
        Self::Value(Value::Id(id))
    }
}

/// A value as the driver takes it.
pub(crate) fn as_sql<'v>(value: &'v Value<'_>) -> &'v (dyn ToSql + Sync) {
    match value {
        Value::Null => &None::<&str>,
        Value::Flag(flag) => flag,
        Value::Number(number) => number,
        Value::Text(text) => text,
        Value::OptionalText(text) => text,
        Value::Id(id) => id,
        Value::OptionalId(id) => id,
        Value::OptionalNumber(number) => number,
        Value::Bytes(bytes) => bytes,
    }
}

/// The type of a value's column.
pub(crate) const fn type_of(value: &Value<'_>) -> Type {
    match value {
        Value::Flag(_) => Type::BOOL,
        Value::Number(_) | Value::OptionalNumber(_) => Type::INT8,
        // The server then takes the type of the column.
        Value::Null => Type::UNKNOWN,
        Value::Text(_) | Value::OptionalText(_) => Type::TEXT,
        Value::Id(_) | Value::OptionalId(_) => Type::UUID,
        Value::Bytes(_) => Type::BYTEA,
    }
}
