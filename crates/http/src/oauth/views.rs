//! What OAuth 2.0 clients receive.

use crate::views::sessions::{RefreshTokenText, TokenText};
use jiff::Timestamp;
use paperclip::actix::Apiv2Schema;
use roster_auth::token::Scope;
use roster_domain::{Permission, Permissions};
use roster_service::{ActiveToken, LoggedIn, ServiceAccountToken};
use serde::Serialize;

/// A token (RFC 6749, section 5.1).
#[derive(Serialize, Apiv2Schema)]
#[openapi(rename = "Token")]
pub(super) struct TokenView {
    /// Send it as `Authorization: Bearer …`.
    access_token: TokenText,
    /// Always `Bearer`.
    #[openapi(example = "Bearer")]
    token_type: &'static str,
    /// How many seconds it is valid.
    #[openapi(example = "900")]
    expires_in: u64,
    /// Valid for one refresh, which returns the next. Service accounts have none and request a new token instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<RefreshTokenText>,
    /// The permissions that it grants, separated by spaces; may be empty. Users always get all of theirs.
    #[openapi(example = "audit:read users:read")]
    scope: String,
}

/// Whether a token is active (RFC 7662, section 2.2). The response for an inactive token has no other field.
#[derive(Default, Serialize, Apiv2Schema)]
#[openapi(
    rename = "Introspection",
    example = r#"{
        "active": true, "scope": "audit:read users:read", "client_id": "roster", "username": "ada",
        "token_type": "Bearer", "exp": 1772358300, "iat": 1772357400, "nbf": 1772357400,
        "sub": "0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8", "aud": ["roster"], "iss": "roster",
        "jti": "7N9UPFtFywNxANMq2Dbryw", "auth_time": 1772357400
    }"#
)]
pub(super) struct IntrospectionView {
    /// Whether Roster accepts it now.
    active: bool,
    /// The permissions that it grants now, separated by spaces; absent if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    /// The client that it was issued to.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    /// The username; service accounts have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    /// Always `Bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    /// When it expires, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    /// When it was issued, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    /// When it becomes valid, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    /// The id of the user or the service account.
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    /// Its audience; absent if `auth.audience` is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<Vec<String>>,
    /// Who issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
    /// The id of the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
    /// When the user last authenticated, in seconds since 1970 (RFC 9470).
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
}

/// The metadata of this server (RFC 8414).
#[derive(Serialize, Apiv2Schema)]
#[openapi(
    rename = "AuthorizationServer",
    example = r#"{
        "issuer": "https://id.example.org",
        "token_endpoint": "https://id.example.org/oauth/token",
        "introspection_endpoint": "https://id.example.org/oauth/introspect",
        "revocation_endpoint": "https://id.example.org/oauth/revoke",
        "jwks_uri": "https://id.example.org/.well-known/jwks.json",
        "grant_types_supported": ["password", "refresh_token", "client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "scopes_supported": ["audit:read", "users:read"],
        "service_documentation": "https://id.example.org/docs"
    }"#
)]
pub(super) struct ServerView {
    /// The issuer in tokens if it is a URL, otherwise the URL of this server.
    issuer: String,
    /// Issues tokens.
    token_endpoint: String,
    /// Tells whether a token is active.
    introspection_endpoint: String,
    /// Revokes tokens.
    revocation_endpoint: String,
    /// Has the public keys.
    jwks_uri: String,
    /// The supported grant types.
    grant_types_supported: Vec<&'static str>,
    /// Empty, since there is no authorization endpoint.
    response_types_supported: Vec<&'static str>,
    /// How clients authenticate at the token endpoint.
    token_endpoint_auth_methods_supported: Vec<&'static str>,
    /// How clients authenticate at the introspection endpoint.
    introspection_endpoint_auth_methods_supported: Vec<&'static str>,
    /// How clients authenticate at the revocation endpoint: not at all.
    revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    /// Every permission.
    scopes_supported: Vec<&'static str>,
    /// The documentation of the API.
    service_documentation: String,
}

/// The path of the metadata (RFC 8414, section 3).
pub(super) const AUTHORIZATION_SERVER: &str = "/.well-known/oauth-authorization-server";

fn scope(permissions: Permissions) -> String {
    Scope::from(permissions).to_string()
}

impl From<LoggedIn> for TokenView {
    fn from(logged_in: LoggedIn) -> Self {
        Self {
            expires_in: logged_in.token.expires_in().as_secs(),
            access_token: TokenText::Access(logged_in.token),
            token_type: "Bearer",
            refresh_token: Some(RefreshTokenText(logged_in.refresh_token)),
            scope: scope(logged_in.user.permissions()),
        }
    }
}

impl From<ServiceAccountToken> for TokenView {
    fn from(service_account: ServiceAccountToken) -> Self {
        Self {
            expires_in: service_account.token.expires_in().as_secs(),
            access_token: TokenText::Access(service_account.token),
            token_type: "Bearer",
            refresh_token: None,
            scope: scope(service_account.permissions),
        }
    }
}

impl From<Option<ActiveToken>> for IntrospectionView {
    fn from(token: Option<ActiveToken>) -> Self {
        let Some(ActiveToken { claims, permissions, username }) = token else { return Self::default() };
        Self {
            active: true,
            scope: Some(scope(permissions)).filter(|scope| !scope.is_empty()),
            client_id: Some(claims.client_id.clone()),
            username: username.map(|name| name.to_string()),
            token_type: Some("Bearer"),
            exp: Some(claims.exp.as_second()),
            iat: Some(claims.iat.as_second()),
            nbf: claims.nbf.map(Timestamp::as_second),
            sub: Some(claims.sub.to_string()),
            aud: Some(claims.aud.clone()).filter(|aud| !aud.is_empty()),
            iss: Some(claims.iss.clone()),
            jti: Some(claims.jti.clone()),
            auth_time: claims.auth_time.map(Timestamp::as_second),
        }
    }
}

impl ServerView {
    /// The issuer in the metadata.
    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The metadata of a server at `base` whose tokens have this issuer.
    pub(super) fn new(base: &str, issuer: &str) -> Self {
        let client = vec!["client_secret_basic", "client_secret_post"];
        let is_url = issuer.starts_with("https://") || issuer.starts_with("http://");
        Self {
            issuer: if is_url { issuer } else { base }.to_owned(),
            token_endpoint: format!("{base}/oauth/token"),
            introspection_endpoint: format!("{base}/oauth/introspect"),
            revocation_endpoint: format!("{base}/oauth/revoke"),
            jwks_uri: format!("{base}/.well-known/jwks.json"),
            grant_types_supported: vec!["password", "refresh_token", "client_credentials"],
            response_types_supported: Vec::new(),
            token_endpoint_auth_methods_supported: [&["none"], &*client].concat(),
            introspection_endpoint_auth_methods_supported: client,
            revocation_endpoint_auth_methods_supported: vec!["none"],
            scopes_supported: Permission::ALL.map(Permission::as_str).to_vec(),
            service_documentation: format!("{base}/docs"),
        }
    }
}
