//! Fields of a body before they are checked: absent, null, or a raw value.
//!
//! Nothing here refuses while it is read, so that validation can tell every fault at once.

use super::rules::{FromRaw, RawError, known_password_schema, new_password_schema};
use crate::openapi::schema::{nullable, schema};
use crate::problem::{Code, FieldViolation, Problem};
use garde::error::{Path, Report};
use paperclip::v2::models::DefaultSchemaRaw;
use paperclip::v2::schema::Apiv2Schema;
use roster_auth::password::{Password, PasswordPolicy};
use serde::{Deserialize, Deserializer};
use serde_json::json;
use zeroize::Zeroizing;

/// What a field may be: merge patches tell null from absent (RFC 7396).
#[derive(Debug, Default)]
enum Slot<R> {
    #[default]
    Absent,
    Null,
    Raw(R),
}

impl<'de, R: Deserialize<'de>> Deserialize<'de> for Slot<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<R>::deserialize(deserializer)?.map_or(Self::Null, Self::Raw))
    }
}

const MISSING: RawError = RawError::new("field_missing", "this field is needed");
const NOT_NULL: RawError = RawError::new("field_null", "this field cannot be null");

macro_rules! field {
    ($(#[$doc:meta])* $name:ident, $required:literal, $wrap:path, |$slot:ident| -> $out:ty $read:block) => {
        $(#[$doc])*
        #[derive(Deserialize)]
        #[serde(transparent, bound = "T: FromRaw")]
        pub(crate) struct $name<T: FromRaw>(Slot<T::Raw>);

        impl<T: FromRaw> $name<T> {
            fn read(&self) -> Result<$out, RawError> {
                let $slot = &self.0;
                $read
            }

            /// The checked value. After validation it is there.
            pub(crate) fn get(&self) -> Result<$out, Problem> {
                self.read().map_err(|fault| {
                    let fault = FieldViolation::new("", fault.code, fault.message);
                    Problem::new(Code::ValidationFailed).with_faults(vec![fault])
                })
            }
        }

        impl<T: FromRaw> Default for $name<T> {
            fn default() -> Self {
                Self(Slot::Absent)
            }
        }

        impl<T: FromRaw> garde::Validate for $name<T> {
            type Context = PasswordPolicy;

            fn validate_into(&self, _: &PasswordPolicy, path: &mut dyn FnMut() -> Path, report: &mut Report) {
                if let Err(fault) = self.read() {
                    report.append(path(), describe(&fault));
                }
            }
        }

        impl<T: FromRaw> Apiv2Schema for $name<T> {
            fn required() -> bool {
                $required
            }

            fn raw_schema() -> DefaultSchemaRaw {
                $wrap(schema(&T::schema()))
            }
        }
    };
}

field! {
    /// A field that must be there.
    Required, true, std::convert::identity, |slot| -> T {
        match slot {
            Slot::Absent => Err(MISSING),
            Slot::Null => Err(NOT_NULL),
            Slot::Raw(raw) => T::from_raw(raw),
        }
    }
}

field! {
    /// A field that may be left out, and is not null.
    Optional, false, std::convert::identity, |slot| -> Option<T> {
        match slot {
            Slot::Absent => Ok(None),
            Slot::Null => Err(NOT_NULL),
            Slot::Raw(raw) => T::from_raw(raw).map(Some),
        }
    }
}

field! {
    /// A field that may be left out, and that null clears.
    Nullable, false, nullable, |slot| -> Option<Option<T>> {
        match slot {
            Slot::Absent => Ok(None),
            Slot::Null => Ok(Some(None)),
            Slot::Raw(raw) => T::from_raw(raw).map(|value| Some(Some(value))),
        }
    }
}

/// A password that is chosen. It is held as a [`Password`] from the start, so that it is wiped.
#[derive(Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct ChosenPassword(Slot<Secret>);

/// A password that is shown as proof. No rule applies to it.
#[derive(Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct KnownPassword(Slot<Secret>);

/// A token that is shown. It is wiped once it has been read.
#[derive(Default, Deserialize)]
#[serde(from = "Option<String>")]
pub(crate) struct KnownToken(Option<Zeroizing<String>>);

#[derive(Deserialize)]
#[serde(from = "String")]
struct Secret(Password);

impl From<String> for Secret {
    fn from(typed: String) -> Self {
        Self(Password::new(typed))
    }
}

impl From<Option<String>> for KnownToken {
    fn from(shown: Option<String>) -> Self {
        Self(shown.map(Zeroizing::new))
    }
}

impl ChosenPassword {
    /// Applies the policy, which also knows the person's names.
    pub(crate) fn check(&self, policy: PasswordPolicy, own: &[&str]) -> garde::Result {
        match &self.0 {
            Slot::Absent => Err(describe(&MISSING)),
            Slot::Null => Err(describe(&NOT_NULL)),
            Slot::Raw(secret) => {
                policy.check(&secret.0, own).map_err(|fault| describe(&RawError::of(&fault)))
            }
        }
    }

    pub(crate) fn take(self) -> Result<Password, Problem> {
        KnownPassword(self.0).take().ok_or_else(|| Code::ValidationFailed.into())
    }
}

impl KnownPassword {
    /// Asks only that there is one.
    pub(crate) fn present(&self) -> garde::Result {
        if matches!(self.0, Slot::Raw(_)) { Ok(()) } else { Err(describe(&MISSING)) }
    }

    pub(crate) fn take(self) -> Option<Password> {
        match self.0 {
            Slot::Absent | Slot::Null => None,
            Slot::Raw(secret) => Some(secret.0),
        }
    }
}

impl KnownToken {
    /// Asks only that there is one.
    pub(crate) fn present(&self, otherwise: &'static str) -> garde::Result {
        if self.0.is_some() { Ok(()) } else { Err(describe(&RawError::new("field_missing", otherwise))) }
    }

    pub(crate) fn take(self) -> Option<Zeroizing<String>> {
        self.0
    }
}

impl From<Password> for KnownPassword {
    fn from(password: Password) -> Self {
        Self(Slot::Raw(Secret(password)))
    }
}

impl Apiv2Schema for ChosenPassword {
    fn raw_schema() -> DefaultSchemaRaw {
        schema(&new_password_schema())
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

/// garde's errors hold one text: the code stands before the sentence.
pub(crate) fn describe(fault: &RawError) -> garde::Error {
    garde::Error::new(format!("{}: {}", fault.code, fault.message))
}

/// `a.b[0]` as a JSON pointer (RFC 6901). The names of fields need no escaping.
pub(super) fn pointer(path: &str) -> String {
    format!("/{}", path.replace(['.', '['], "/").replace(']', ""))
}

/// Every fault of a report.
pub(crate) fn faults(report: &Report) -> Vec<FieldViolation> {
    let fault = |(path, error): &(Path, garde::Error)| {
        let (code, message) = error.message().split_once(": ").unwrap_or(("value_invalid", error.message()));
        let path = path.to_string();
        let pointer = if path.is_empty() { path } else { pointer(&path) };
        FieldViolation::new(pointer, code.to_owned(), message.to_owned())
    };
    report.iter().map(fault).collect()
}
