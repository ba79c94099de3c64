//! What handlers take from a request: each extractor refuses with problems, and documents which.

mod audit;
mod base_url;
mod bearer;
mod body;
mod conditions;
mod entity_tag;
mod form;
mod machines;
mod parameters;
mod params;
mod path;
mod raw;
mod rules;
mod strict;
#[cfg(test)]
pub(crate) mod testing;

pub(crate) use audit::{Include, Party};
pub(crate) use base_url::{BaseUrl, PublicUrl};
pub(crate) use bearer::{
    AnonymousCaller, AuditRead, Authenticated, Authorized, LazyCaller, MaybeAuthenticated, OAuthCaller,
    PasswordChanger, ServiceAccountsManage, UsersRead,
};
pub(crate) use body::{Body, BodyBounds, MergePatch, OptionalBody};
pub(crate) use conditions::{IfMatch, IfMatchRule, IfNoneMatch};
pub(crate) use entity_tag::{etag, quoted, version_tag};
pub(crate) use form::{BodyOrForm, FromForm};
pub(crate) use machines::Overlap;
pub(crate) use parameters::{ClientSecret, FromParameters, OAuthForm, Parameters};
pub(crate) use params::{FromParams, NoParams, ParamReader, Parameter, Params};
pub(crate) use path::{AUTHORIZATION_SERVER, AccountRef, AssetName, IssuerPath, KeyRef, SessionRef, UserRef};
pub(crate) use raw::{ChosenPassword, KnownPassword, KnownToken, Nullable, Optional, Required, describe};
pub(crate) use rules::{FromRaw, RawError};
