//! Logins and sessions.

use super::users::UserView;
use super::values::{NullableText, Rfc3339};
use crate::openapi::schema::schema;
use crate::rules::FromRaw;
use paperclip::actix::Apiv2Schema;
use paperclip::v2::models::DefaultSchemaRaw;
use paperclip::v2::schema::Apiv2Schema as Schema;
use roster_auth::token::{AccessToken, PasswordChangeToken, RefreshToken};
use roster_domain::{Session, SessionId};
use roster_service::{LoggedIn, LoginResult};
use serde::{Serialize, Serializer};
use serde_json::json;
use std::sync::Arc;

/// An access token, and its user.
#[derive(Serialize, Apiv2Schema)]
#[openapi(rename = "Login")]
pub(crate) struct LoginView {
    /// Send it as `Authorization: Bearer …`. If `password_change_required`, it can only change the password.
    access_token: TokenText,
    /// Always `Bearer`.
    #[openapi(example = "Bearer")]
    token_type: &'static str,
    /// How many seconds it is valid.
    #[openapi(example = "900")]
    expires_in: u64,
    /// Valid for one `POST /auth/refresh`, which returns the next. Absent if `password_change_required`.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<RefreshTokenText>,
    /// True if the password is temporary and must be replaced before anything else; otherwise absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    password_change_required: Option<bool>,
    // No doc comment: paperclip would use it instead of the description of the schema.
    user: UserView,
}

/// A token that is sent to its owner.
pub(crate) enum TokenText {
    /// Grants all permissions of its owner.
    Access(AccessToken),
    /// Can only change the password.
    PasswordChange(PasswordChangeToken),
}

/// A refresh token that is sent to its owner.
pub(crate) struct RefreshTokenText(pub(crate) RefreshToken);

/// An active session.
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
    /// Identifies it in paths. Also `sid` in its access tokens.
    id: OwnId,
    /// The client's name for itself at the login; null if it sent none.
    device: NullableText,
    /// The address that last used it; null if unknown.
    ip: NullableText,
    /// When it started.
    created_at: Rfc3339,
    /// When it was last used, to the minute.
    last_seen_at: Rfc3339,
    /// When it expires if it is not used before.
    expires_at: Rfc3339,
    /// When it expires regardless of use.
    absolute_expires_at: Rfc3339,
    /// Whether it is the calling session.
    current: bool,
}

/// The sessions of a user, the latest first.
#[derive(Serialize, Apiv2Schema)]
#[openapi(rename = "SessionList")]
pub(crate) struct SessionList {
    /// All sessions; their number is limited.
    data: Vec<SessionView>,
}

/// The id of a session.
#[derive(Serialize)]
struct OwnId(SessionId);

impl LoginView {
    pub(crate) fn new(login: LoggedIn) -> Self {
        Self {
            token_type: "Bearer",
            expires_in: login.token.expires_in().as_secs(),
            access_token: TokenText::Access(login.token),
            refresh_token: Some(RefreshTokenText(login.refresh_token)),
            password_change_required: None,
            user: UserView::of_active(login.user),
        }
    }

    pub(crate) fn of_result(result: LoginResult) -> Self {
        match result {
            LoginResult::Session(login) => Self::new(*login),
            LoginResult::PasswordChange(login) => Self {
                token_type: "Bearer",
                expires_in: PasswordChangeToken::TTL.as_secs(),
                access_token: TokenText::PasswordChange(login.token),
                refresh_token: None,
                password_change_required: Some(true),
                user: UserView::of_active(login.user),
            },
        }
    }
}

impl SessionView {
    fn new(session: &Session, current: Option<SessionId>) -> Self {
        Self {
            id: OwnId(session.id),
            device: NullableText(session.device.as_ref().map(ToString::to_string)),
            ip: NullableText(session.ip.map(|ip| ip.to_string())),
            created_at: Rfc3339(session.created_at),
            last_seen_at: Rfc3339(session.last_seen_at),
            expires_at: Rfc3339(session.expires_at()),
            absolute_expires_at: Rfc3339(session.ends_at),
            current: current == Some(session.id),
        }
    }
}

impl SessionList {
    /// The sessions as a caller in the session `current` sees them.
    pub(crate) fn new(sessions: &[Arc<Session>], current: Option<SessionId>) -> Self {
        Self { data: sessions.iter().map(|session| SessionView::new(session, current)).collect() }
    }
}

impl Serialize for TokenText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Access(token) => serializer.serialize_str(token.as_str()),
            Self::PasswordChange(token) => serializer.serialize_str(&token.text()),
        }
    }
}

impl Serialize for RefreshTokenText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.text())
    }
}

impl Schema for TokenText {
    fn raw_schema() -> DefaultSchemaRaw {
        schema(&json!({ "type": "string", "example": "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.…" }))
    }
}

impl Schema for RefreshTokenText {
    fn raw_schema() -> DefaultSchemaRaw {
        schema(&json!({ "type": "string", "example": "rt_2mXwV0c7…" }))
    }
}

impl Schema for OwnId {
    fn raw_schema() -> DefaultSchemaRaw {
        schema(&SessionId::schema())
    }
}
