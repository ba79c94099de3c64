//! The fields of a body: absent, null, valid or invalid.
//!
//! Each value is parsed once, while the body is read. An invalid one is kept as its error, so that validation can report
//! all of them at once.

use crate::code::Code;
use crate::openapi::schema::{nullable, schema};
use crate::problem::{FieldViolation, Problem};
use crate::rules::{FromRaw, RawError, known_password_schema};
use garde::error::{Path, Report};
use paperclip::v2::models::DefaultSchemaRaw;
use paperclip::v2::schema::Apiv2Schema;
use roster_auth::password::Password;
use serde::{Deserialize, Deserializer};
use serde_json::json;
use std::cell::RefCell;
use zeroize::Zeroizing;

/// What a body has for a field. Merge patches distinguish null from absent (RFC 7396).
#[derive(Debug, Default)]
enum Slot<T> {
    #[default]
    Absent,
    Null,
    Valid(T),
    /// Boxed, so that it does not enlarge every field of a body.
    Invalid(Box<RawError>),
}

impl<'de, T: FromRaw> Deserialize<'de> for Slot<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Option::<T::Raw>::deserialize(deserializer)?;
        let invalid = |error| Self::Invalid(Box::new(error));
        Ok(raw.map_or(Self::Null, |raw| T::from_raw(raw).map_or_else(invalid, Self::Valid)))
    }
}

/// Collects the invalid fields while garde walks over a body.
#[derive(Default)]
pub(crate) struct Violations(RefCell<Vec<FieldViolation>>);

impl Violations {
    fn add(&self, path: &Path, error: RawError) {
        self.0.borrow_mut().push(FieldViolation::new(pointer(&path.to_string()), error.code, error.message));
    }

    pub(super) fn into_vec(self) -> Vec<FieldViolation> {
        self.0.into_inner()
    }
}

/// The error for a required field that is absent.
pub(crate) const MISSING: RawError = RawError::new("field_missing", "this field is required");
const NOT_NULL: RawError = RawError::new("field_null", "this field cannot be null");

macro_rules! field {
    ($(#[$doc:meta])* $name:ident -> $out:ty, required: $required:literal, nullable: $nullable:literal, { $($pattern:pat => $read:expr,)+ }) => {
        $(#[$doc])*
        #[derive(Deserialize)]
        #[serde(transparent, bound = "T: FromRaw")]
        pub(crate) struct $name<T: FromRaw>(Slot<T>);

        impl<T: FromRaw> $name<T> {
            /// The value, after validation.
            ///
            /// # Errors
            /// [`Code::ValidationFailed`] if the field is invalid, which validation would have reported.
            pub(crate) fn into_value(self) -> Result<$out, Problem> {
                let value = match self.0 {
                    Slot::Invalid(error) => Err(*error),
                    $($pattern => $read,)+
                };
                value.map_err(|error| {
                    let violation = FieldViolation::new("", error.code, error.message);
                    Problem::new(Code::ValidationFailed).with_violations(vec![violation])
                })
            }

            /// The rule that the field violates.
            pub(crate) fn error(&self) -> Option<RawError> {
                match &self.0 {
                    Slot::Absent if $required => Some(MISSING),
                    Slot::Null if !$nullable => Some(NOT_NULL),
                    Slot::Invalid(error) => Some(RawError::clone(error)),
                    Slot::Absent | Slot::Null | Slot::Valid(_) => None,
                }
            }
        }

        impl<T: FromRaw> Default for $name<T> {
            fn default() -> Self {
                Self(Slot::Absent)
            }
        }

        impl<T: FromRaw> garde::Validate for $name<T> {
            type Context = Violations;

            fn validate_into(&self, violations: &Violations, path: &mut dyn FnMut() -> Path, _: &mut Report) {
                if let Some(error) = self.error() {
                    violations.add(&path(), error);
                }
            }
        }

        impl<T: FromRaw> Apiv2Schema for $name<T> {
            fn required() -> bool {
                $required
            }

            fn raw_schema() -> DefaultSchemaRaw {
                let schema = schema(&T::schema());
                if $nullable { nullable(schema) } else { schema }
            }
        }
    };
}

field! {
    /// A required field.
    Required -> T, required: true, nullable: false, {
        Slot::Absent => Err(MISSING),
        Slot::Null => Err(NOT_NULL),
        Slot::Valid(value) => Ok(value),
    }
}

field! {
    /// An optional field that cannot be null.
    Optional -> Option<T>, required: false, nullable: false, {
        Slot::Absent => Ok(None),
        Slot::Null => Err(NOT_NULL),
        Slot::Valid(value) => Ok(Some(value)),
    }
}

field! {
    /// An optional field that null clears.
    Nullable -> Option<Option<T>>, required: false, nullable: true, {
        Slot::Absent => Ok(None),
        Slot::Null => Ok(Some(None)),
        Slot::Valid(value) => Ok(Some(Some(value))),
    }
}

impl<T> Slot<T> {
    const fn valid(&self) -> Option<&T> {
        if let Self::Valid(value) = self { Some(value) } else { None }
    }
}

impl<T: FromRaw> Required<T> {
    /// The value, if the field has a valid one.
    pub(crate) const fn valid(&self) -> Option<&T> {
        self.0.valid()
    }
}

impl<T: FromRaw> Nullable<T> {
    /// The value, if the field has a valid one.
    pub(crate) const fn valid(&self) -> Option<&T> {
        self.0.valid()
    }
}

/// An existing password. No rule applies to it.
#[derive(Default, Deserialize)]
#[serde(from = "Option<String>")]
pub(crate) struct KnownPassword(pub(crate) Option<Password>);

/// An existing token. It is wiped after use.
#[derive(Default, Deserialize)]
#[serde(from = "Option<String>")]
pub(crate) struct KnownToken(pub(crate) Option<Zeroizing<String>>);

impl From<Option<String>> for KnownPassword {
    fn from(typed: Option<String>) -> Self {
        Self(typed.map(Password::new))
    }
}

impl From<Option<String>> for KnownToken {
    fn from(text: Option<String>) -> Self {
        Self(text.map(Zeroizing::new))
    }
}

impl Apiv2Schema for KnownPassword {
    fn required() -> bool {
        false
    }

    fn raw_schema() -> DefaultSchemaRaw {
        schema(&known_password_schema())
    }
}

impl Apiv2Schema for KnownToken {
    fn required() -> bool {
        false
    }

    fn raw_schema() -> DefaultSchemaRaw {
        schema(&json!({ "type": "string" }))
    }
}

/// `a.b[0]` as a JSON pointer (RFC 6901). Field names need no escaping.
pub(super) fn pointer(path: &str) -> String {
    format!("/{}", path.replace(['.', '['], "/").replace(']', ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::cell::Cell;

    thread_local! {
        static PARSED: Cell<usize> = const { Cell::new(0) };
    }

    /// A value that counts how often it is parsed, and is valid if it is `good`.
    #[derive(Debug, PartialEq)]
    struct Counted;

    impl FromRaw for Counted {
        type Raw = String;

        fn schema() -> Value {
            json!({ "type": "string" })
        }

        fn from_raw(raw: String) -> Result<Self, RawError> {
            PARSED.set(PARSED.get() + 1);
            if raw == "good" {
                Ok(Self)
            } else {
                Err(RawError::new("counted_invalid", "only good: nothing else"))
            }
        }
    }

    fn violations(field: &impl garde::Validate<Context = Violations>) -> Vec<FieldViolation> {
        let violations = Violations::default();
        field.validate_into(&violations, &mut || Path::new("name"), &mut Report::new());
        violations.into_vec()
    }

    #[test]
    fn a_value_is_parsed_once_from_reading_to_use() {
        let field: Required<Counted> = serde_json::from_str("\"good\"").unwrap();
        assert_eq!(violations(&field), []);
        assert_eq!(field.into_value().unwrap(), Counted);
        assert_eq!(PARSED.get(), 1);
    }

    #[test]
    fn an_invalid_value_keeps_its_code_and_message() {
        let field: Optional<Counted> = serde_json::from_str("\"bad\"").unwrap();
        assert_eq!(
            violations(&field),
            [FieldViolation::new("/name", "counted_invalid", "only good: nothing else")]
        );
        assert_eq!(field.into_value().unwrap_err().code(), Code::ValidationFailed);
    }

    #[test]
    fn null_is_an_error_only_where_it_clears_nothing() {
        let null = |text| serde_json::from_str::<Nullable<Counted>>(text).unwrap();
        assert_eq!(violations(&null("null")), []);
        assert_eq!(null("null").into_value().unwrap(), Some(None));
        let required: Required<Counted> = serde_json::from_str("null").unwrap();
        assert_eq!(violations(&required)[0].code, "field_null");
        assert_eq!(violations(&Required::<Counted>::default())[0].code, "field_missing");
    }
}
