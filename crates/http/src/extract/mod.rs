//! What handlers take from a request. Each extractor fails with problems and documents which.

mod base_url;
mod bearer;
mod body;
mod conditions;
mod entity_tag;
mod fields;
mod form;
mod in_turn;
mod json;
mod multipart;
mod params;
mod path;
mod preferred_type;
mod receive;
mod received;
mod streaming;
mod strict;
#[cfg(test)]
pub(crate) mod testing;
mod upload;

pub(crate) use base_url::{BaseUrl, PublicUrl};
pub(crate) use bearer::{
    AnonymousCaller, AuditRead, Authenticated, Authorized, LazyCaller, MaybeAuthenticated, PasswordChanger,
    ServiceAccountsManage, UsersExport, UsersImport, UsersRead, secured,
};
pub(crate) use body::{Body, Input, MergePatch, OptionalBody};
pub(crate) use conditions::{IfMatch, IfMatchRule, IfNoneMatch};
pub(crate) use entity_tag::{etag, quoted, version_tag};
pub(crate) use fields::{KnownPassword, KnownToken, MISSING, Nullable, Optional, Required, Violations};
pub(crate) use form::{BodyOrForm, FromForm};
pub(crate) use in_turn::{InTurn, in_turn};
pub(crate) use params::{FromParams, NoParams, ParamReader, Parameter, Params};
pub(crate) use path::{AccountRef, AssetName, JobRef, KeyRef, SessionRef, UserRef, in_path};
pub(crate) use preferred_type::PreferredType;
pub(crate) use receive::{BodyBounds, accept, json_as_form, receive};
pub(crate) use received::UploadBounds;
pub(crate) use streaming::Streaming;
pub(crate) use upload::{Part, TextParts, Upload};
