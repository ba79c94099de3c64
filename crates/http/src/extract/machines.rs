//! The rules of machines' values, and machines and their keys in paths.

use super::path::in_path;
use super::rules::{FromRaw, RawFault};
use crate::openapi::errors::refuses;
use crate::problem::{Code, Problem};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use jiff::{Span, SpanRelativeTo};
use paperclip::actix::OperationModifier;
use paperclip::v2::models::{DataTypeFormat, DefaultOperationRaw, DefaultParameterRaw, Either};
use paperclip::v2::schema::Apiv2Schema;
use roster_domain::{ApiKeyId, ApiKeyPrefix, Permission, Permissions, ServiceAccountId, UserId};
use serde_json::{Value, json};
use std::future::{Ready, ready};
use std::time::Duration;

/// A service account in a path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AccountRef(pub(crate) ServiceAccountId);

/// An API key in a path, after its account.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyRef(pub(crate) ApiKeyId);

/// For how long two keys go on side by side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Overlap(pub(crate) Duration);

macro_rules! ids {
    ($($id:ident),+) => {$(
        impl FromRaw for $id {
            type Raw = String;

            fn schema() -> Value {
                UserId::schema()
            }

            fn from_raw(raw: &String) -> Result<Self, RawFault> {
                UserId::from_raw(raw).map(|id| Self::from(*id.as_uuid()))
            }
        }
    )+};
}

ids!(ServiceAccountId, ApiKeyId);

impl FromRaw for ApiKeyPrefix {
    type Raw = String;

    fn schema() -> Value {
        json!({ "type": "string", "pattern": Self::PATTERN, "example": "k3Jd9sLqP0aZ" })
    }

    fn from_raw(raw: &String) -> Result<Self, RawFault> {
        raw.parse().map_err(|_| RawFault::new("prefix_invalid", "that is no prefix of an API key"))
    }
}

impl FromRaw for Permissions {
    type Raw = Vec<String>;

    fn schema() -> Value {
        let known = Permission::ALL.map(Permission::as_str);
        json!({
            "type": "array", "items": { "type": "string", "enum": known }, "maxItems": known.len(),
            "example": [Permission::UsersRead.as_str()],
        })
    }

    fn from_raw(raw: &Vec<String>) -> Result<Self, RawFault> {
        Self::try_from(raw.clone()).map_err(|fault| RawFault::of(&fault))
    }
}

impl FromRaw for Overlap {
    type Raw = String;

    fn schema() -> Value {
        json!({ "type": "string", "example": "15m" })
    }

    fn from_raw(raw: &String) -> Result<Self, RawFault> {
        let span = raw.parse::<Span>().ok();
        let parsed = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
        let parsed = parsed.and_then(|signed| Duration::try_from(signed).ok());
        parsed
            .map(Self)
            .ok_or_else(|| RawFault::new("duration_invalid", "a duration is written like 15m, 2h or 1d"))
    }
}

macro_rules! stands_in_a_path {
    ($($ty:ident, $name:literal, $described:literal, $absent:ident;)+) => {$(
        impl FromRequest for $ty {
            type Error = Problem;
            type Future = Ready<Result<Self, Problem>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let id = FromRaw::from_raw(&request.match_info().query($name).to_owned()).map(Self);
                ready(id.map_err(|fault| Problem::new(Code::IdInvalid).with_detail(fault.message)))
            }
        }

        impl Apiv2Schema for $ty {}

        impl OperationModifier for $ty {
            fn update_parameter(operation: &mut DefaultOperationRaw) {
                let parameter = in_path($name, $described);
                let parameter = DefaultParameterRaw { format: Some(DataTypeFormat::Uuid), ..parameter };
                operation.parameters.push(Either::Right(parameter));
                refuses(operation, &[Code::IdInvalid, Code::$absent]);
            }
        }
    )+};
}

stands_in_a_path! {
    AccountRef, "id", "The id of a service account.", ServiceAccountNotFound;
    KeyRef, "key_id", "The id of an API key.", ApiKeyNotFound;
}
