//! How single values look.

use crate::extract::FromRaw;
use crate::openapi::schema::{nullable, schema};
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

/// A value of the domain, as its own rule says it looks.
pub(crate) struct Shown<'a, T>(pub(crate) &'a T);

/// The same, or null.
pub(crate) struct Nullable<'a, T>(pub(crate) Option<&'a T>);

/// A status, as its word.
pub(crate) struct Word(pub(crate) StatusKind);

/// A time: RFC 3339 in UTC, always with microseconds.
pub(crate) struct Moment(pub(crate) Timestamp);

/// The same, or null.
#[derive(Serialize)]
pub(crate) struct MaybeMoment(pub(crate) Option<Moment>);

/// A UUID, or null.
#[derive(Serialize)]
pub(crate) struct MaybeId(Option<String>);

/// A text, or null.
#[derive(Serialize)]
pub(crate) struct MaybeText(pub(crate) Option<String>);

/// The cursor of the next page.
#[derive(Serialize)]
pub(crate) struct CursorText(pub(crate) Option<String>);

impl MaybeId {
    pub(crate) fn of(id: Option<impl ToString>) -> Self {
        Self(id.map(|id| id.to_string()))
    }
}

impl MaybeText {
    pub(crate) fn of(text: Option<impl ToString>) -> Self {
        Self(text.map(|text| text.to_string()))
    }
}

impl<T: Serialize> Serialize for Shown<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<T: Serialize> Serialize for Nullable<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl Serialize for Word {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

impl Serialize for Moment {
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
    {<T: FromRaw>} Shown<'_, T> => schema(&T::schema());
    {<T: FromRaw>} Nullable<'_, T> => nullable(schema(&T::schema()));
    {} Word => schema(&StatusKind::schema());
    {} Moment => schema(&Timestamp::schema());
    {} MaybeMoment => nullable(schema(&Timestamp::schema()));
    {} MaybeId => nullable(schema(&UserId::schema()));
    {} MaybeText => nullable(schema(&json!({ "type": "string" })));
    {} CursorText => nullable(schema(&json!({ "type": "string", "example": "eyJ2IjoxfQ" })));
}

/// Shows a value of the domain by the fields that are made of it.
macro_rules! shown_by_fields {
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
pub(super) use shown_by_fields;
