//! Single values as JSON.
use crate::openapi::schema::{nullable, schema};
use crate::rules::FromRaw;
use arrayvec::ArrayString;
use jiff::Timestamp;
use jiff::fmt::StdFmtWrite;
use jiff::fmt::temporal::DateTimePrinter;
use paperclip::v2::models::DefaultSchemaRaw;
use paperclip::v2::schema::Apiv2Schema as Schema;
use roster_domain::{StatusKind, UserId};
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::json;

/// A value of the domain, with the schema of its rule.
pub(crate) struct Serialized<'a, T>(pub(crate) &'a T);

/// The same, or null.
pub(crate) struct Nullable<'a, T>(pub(crate) Option<&'a T>);

/// A status by name.
pub(crate) struct StatusName(pub(crate) StatusKind);

/// A time: RFC 3339 in UTC, always with microseconds.
pub(crate) struct Rfc3339(pub(crate) Timestamp);

/// The same, or null.
#[derive(Serialize)]
pub(crate) struct NullableRfc3339(pub(crate) Option<Rfc3339>);

/// A UUID, or null.
#[derive(Serialize)]
pub(crate) struct NullableId(Option<String>);

/// A text, or null.
#[derive(Serialize)]
pub(crate) struct NullableText(pub(crate) Option<String>);

/// The cursor of the next page.
#[derive(Serialize)]
pub(crate) struct CursorText(pub(crate) Option<String>);

impl NullableId {
    pub(crate) fn of(id: Option<impl ToString>) -> Self {
        Self(id.map(|id| id.to_string()))
    }
}

impl NullableText {
    pub(crate) fn of(text: Option<impl ToString>) -> Self {
        Self(text.map(|text| text.to_string()))
    }
}

impl<T: Serialize> Serialize for Serialized<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<T: Serialize> Serialize for Nullable<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl Serialize for StatusName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

impl Serialize for Rfc3339 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(6));
        let mut text = ArrayString::<{ "-009999-01-02T03:04:05.000000Z".len() }>::new();
        PRINTER.print_timestamp(&self.0, StdFmtWrite(&mut text)).map_err(S::Error::custom)?;
        serializer.serialize_str(&text)
    }
}

macro_rules! schemas {
    ($({$($generics:tt)*} $ty:ty => $schema:expr;)+) => {$(
        impl $($generics)* Schema for $ty {
            fn raw_schema() -> DefaultSchemaRaw {
                $schema
            }
        }
    )+};
}

schemas! {
    {<T: FromRaw>} Serialized<'_, T> => schema(&T::schema());
    {<T: FromRaw>} Nullable<'_, T> => nullable(schema(&T::schema()));
    {} StatusName => schema(&StatusKind::schema());
    {} Rfc3339 => schema(&Timestamp::schema());
    {} NullableRfc3339 => nullable(schema(&Timestamp::schema()));
    {} NullableId => nullable(schema(&UserId::schema()));
    {} NullableText => nullable(schema(&json!({ "type": "string" })));
    {} CursorText => nullable(schema(&json!({ "type": "string", "example": "eyJ2IjoxfQ" })));
}

/// Serializes a view through a struct of fields that borrow from it.
macro_rules! serialized_by_fields {
    ($($view:ident => $fields:ident;)+) => {$(
        impl serde::Serialize for $view {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $fields::of(&self.0).serialize(serializer)
            }
        }

        impl paperclip::v2::schema::Apiv2Schema for $view {
            fn name() -> Option<String> {
                $fields::name()
            }

            fn raw_schema() -> paperclip::v2::models::DefaultSchemaRaw {
                $fields::raw_schema()
            }
        }
    )+};
}
pub(super) use serialized_by_fields;
