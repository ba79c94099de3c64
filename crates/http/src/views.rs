//! What is shown of a user, a list and a login.

use crate::extract::FromRaw;
use crate::openapi::schema::{nullable, schema};
use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use paperclip::actix::Apiv2Schema;
use paperclip::v2::models::DefaultSchemaRaw;
use paperclip::v2::schema::Apiv2Schema as Schema;
use roster_auth::token::{AccessToken, RefreshToken};
use roster_domain::{
    Attributes, DisplayName, EmailAddress, ExternalId, RoleSet, Session, SessionId, StatusKind, User, UserId,
    Username, Version,
};
use roster_service::LoggedIn;
use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::json;
use std::sync::Arc;

/// A user as clients see them: never the hash.
pub(crate) struct UserView(Arc<User>);

/// A person with an account.
#[derive(Serialize, Apiv2Schema)]
#[openapi(
    rename = "User",
    example = r#"{
        "id": "0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8", "username": "ada", "email": "ada@example.org",
        "email_verified": false, "display_name": "Ada Lovelace", "status": "active", "roles": ["user"],
        "attributes": {"team": "engines"}, "external_id": null, "created_at": "2026-03-01T09:30:00.000000Z",
        "updated_at": "2026-03-01T09:30:00.000000Z", "last_login_at": null, "version": 1
    }"#
)]
struct UserFields<'a> {
    /// Never changes, never used again.
    id: Shown<'a, UserId>,
    /// The name to log in with, as it was typed.
    username: Shown<'a, Username>,
    /// Where mail goes.
    email: Nullable<'a, EmailAddress>,
    /// Whether the address is known to be theirs.
    email_verified: bool,
    /// What they are called on screen.
    display_name: Nullable<'a, DisplayName>,
    /// Only an active user can log in.
    status: Word,
    /// What they may do. A name that no role has grants nothing.
    roles: Shown<'a, RoleSet>,
    /// What the organisation keeps about them: any JSON object.
    attributes: Shown<'a, Attributes>,
    /// What another system calls them.
    external_id: Nullable<'a, ExternalId>,
    /// When the account was made.
    created_at: Moment,
    /// When the profile was last changed.
    updated_at: Moment,
    /// When they last logged in.
    last_login_at: MaybeMoment,
    /// Counts the changes to the profile; it is the `ETag`.
    version: Shown<'a, Version>,
}

/// A part of a list.
#[derive(Serialize, Apiv2Schema)]
#[openapi(rename = "UserPage")]
pub(crate) struct UserPage {
    /// The users, in the order that was asked for.
    data: Vec<UserView>,
    /// Where the next page starts; null on the last.
    next_cursor: CursorText,
    /// Whether there is a next page.
    has_more: bool,
}

/// The cursor of the next page.
#[derive(Serialize)]
pub(crate) struct CursorText(pub(crate) Option<String>);

/// An access token, and whose it is.
#[derive(Serialize, Apiv2Schema)]
#[openapi(rename = "Login")]
pub(crate) struct LoginView {
    /// Send it as `Authorization: Bearer …`.
    access_token: TokenText,
    /// Always `Bearer`.
    token_type: &'static str,
    /// For how many seconds it is good.
    expires_in: u64,
    /// Good for one `POST /auth/refresh`, which gives the next.
    refresh_token: RefreshTokenText,
    // Without a line of its own: it would stand in the place of the schema's.
    user: UserView,
}

/// A token in its one place on the wire.
pub(crate) struct TokenText(pub(crate) AccessToken);

/// Another such place.
pub(crate) struct RefreshTokenText(pub(crate) RefreshToken);

/// A login that goes on.
#[derive(Serialize, Apiv2Schema)]
#[openapi(
    rename = "Session",
    example = r#"{
        "id": "0198d7a2-9c1f-7a50-8f3b-6d7c1b2a9e04", "device": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
        "ip": "192.0.2.7", "created_at": "2026-03-01T09:30:00.000000Z",
        "last_seen_at": "2026-03-01T11:02:00.000000Z", "expires_at": "2026-03-15T11:02:00.000000Z",
        "absolute_expires_at": "2026-05-30T09:30:00.000000Z", "current": true
    }"#
)]
pub(crate) struct SessionView {
    /// Names it in paths; also `sid` in its access tokens.
    id: OwnId,
    /// What the client called itself at the login; null if it did not say.
    device: MaybeText,
    /// From where it was last used; null if that is not known.
    ip: MaybeText,
    /// When it began.
    created_at: Moment,
    /// When it was last used, give or take a minute.
    last_seen_at: Moment,
    /// When it ends unless it is used before.
    expires_at: Moment,
    /// When it ends, however much it is used.
    absolute_expires_at: Moment,
    /// Whether it is the one that asks.
    current: bool,
}

/// The sessions of a user, the latest first.
#[derive(Serialize, Apiv2Schema)]
#[openapi(rename = "SessionList")]
pub(crate) struct SessionList {
    /// All of them: their number has a limit.
    data: Vec<SessionView>,
}

/// The id of a session.
#[derive(Serialize)]
struct OwnId(SessionId);

/// A text, or null.
#[derive(Serialize)]
struct MaybeText(Option<String>);

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

impl UserView {
    pub(crate) const fn new(user: Arc<User>) -> Self {
        Self(user)
    }
}

impl<'a> UserFields<'a> {
    fn of(user: &'a User) -> Self {
        Self {
            id: Shown(&user.id),
            username: Shown(&user.username),
            email: Nullable(user.email.as_ref()),
            email_verified: user.email_verified,
            display_name: Nullable(user.display_name.as_ref()),
            status: Word(user.status.kind()),
            roles: Shown(&user.roles),
            attributes: Shown(&user.attributes),
            external_id: Nullable(user.external_id.as_ref()),
            created_at: Moment(user.created_at),
            updated_at: Moment(user.updated_at),
            last_login_at: MaybeMoment(user.last_login_at.map(Moment)),
            version: Shown(&user.version),
        }
    }
}

impl UserPage {
    pub(crate) fn new(users: Vec<Arc<User>>, next_cursor: Option<String>) -> Self {
        let has_more = next_cursor.is_some();
        Self {
            data: users.into_iter().map(UserView::new).collect(),
            next_cursor: CursorText(next_cursor),
            has_more,
        }
    }
}

impl LoginView {
    pub(crate) fn new(login: LoggedIn) -> Self {
        Self {
            token_type: "Bearer",
            expires_in: login.token.expires_in().as_secs(),
            access_token: TokenText(login.token),
            refresh_token: RefreshTokenText(login.refresh_token),
            user: UserView::new(login.user),
        }
    }
}

impl SessionView {
    fn new(session: &Session, current: Option<SessionId>) -> Self {
        Self {
            id: OwnId(session.id),
            device: MaybeText(session.device.as_ref().map(ToString::to_string)),
            ip: MaybeText(session.ip.map(|ip| ip.to_string())),
            created_at: Moment(session.created_at),
            last_seen_at: Moment(session.last_seen_at),
            expires_at: Moment(session.expires_at()),
            absolute_expires_at: Moment(session.ends_at),
            current: current == Some(session.id),
        }
    }
}

impl SessionList {
    /// The sessions as the one who is in `current` sees them.
    pub(crate) fn new(sessions: &[Arc<Session>], current: Option<SessionId>) -> Self {
        Self { data: sessions.iter().map(|session| SessionView::new(session, current)).collect() }
    }
}

impl Serialize for RefreshTokenText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.text())
    }
}

impl Serialize for UserView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        UserFields::of(&self.0).serialize(serializer)
    }
}

impl Schema for UserView {
    fn name() -> Option<String> {
        UserFields::name()
    }

    fn raw_schema() -> DefaultSchemaRaw {
        UserFields::raw_schema()
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
        let mut text = String::with_capacity("2026-03-01T09:30:00.000000Z".len());
        PRINTER.print_timestamp(&self.0, &mut text).map_err(S::Error::custom)?;
        serializer.serialize_str(&text)
    }
}

impl Serialize for TokenText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
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
    {} TokenText => schema(&json!({ "type": "string", "example": "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.…" }));
    {} RefreshTokenText => schema(&json!({ "type": "string", "example": "rt_2mXwV0c7…" }));
    {} OwnId => schema(&SessionId::schema());
    {} MaybeText => nullable(schema(&json!({ "type": "string" })));
    {} CursorText => nullable(schema(&json!({ "type": "string" })));
}

/// Public keys, as a JWK Set (RFC 7517).
#[derive(Deserialize, Serialize, Apiv2Schema)]
#[openapi(
    rename = "KeySet",
    example = r#"{ "keys": [{
        "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "alg": "EdDSA", "use": "sig"
    }] }"#
)]
pub(crate) struct KeySetView {
    /// The keys that access tokens are verified with.
    keys: Vec<KeyView>,
}

/// A public key (RFC 7517, RFC 7518, RFC 8037). It has no members but these, so that no private one can slip out.
#[derive(Deserialize, Serialize, Apiv2Schema)]
#[openapi(rename = "Key")]
struct KeyView {
    /// `OKP`, `EC` or `RSA`.
    kty: String,
    /// The curve: `Ed25519` or `P-256`.
    #[serde(skip_serializing_if = "Option::is_none")]
    crv: Option<String>,
    /// The point, or its first number.
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    /// The point's second number.
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    /// The modulus of an RSA key.
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<String>,
    /// The exponent of an RSA key.
    #[serde(skip_serializing_if = "Option::is_none")]
    e: Option<String>,
    /// What a token's header calls it.
    kid: String,
    /// `EdDSA`, `ES256` or `RS256`: what it verifies, and nothing else.
    alg: String,
    /// Always `sig`.
    #[serde(rename = "use")]
    usage: String,
}
