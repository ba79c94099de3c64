//! What clients of OAuth 2.0 are told.

use super::sessions::{RefreshTokenText, TokenText};
use jiff::Timestamp;
use paperclip::actix::Apiv2Schema;
use roster_auth::token::Scope;
use roster_domain::{Permission, Permissions};
use roster_service::{ActiveToken, LoggedIn, MachineToken};
use serde::Serialize;

/// A token (RFC 6749, section 5.1).
#[derive(Serialize, Apiv2Schema)]
#[openapi(rename = "Token")]
pub(crate) struct TokenView {
    /// Send it as `Authorization: Bearer …`.
    access_token: TokenText,
    /// Always `Bearer`.
    #[openapi(example = "Bearer")]
    token_type: &'static str,
    /// For how many seconds it is good.
    #[openapi(example = "900")]
    expires_in: u64,
    /// Good for one refresh, which gives the next. A machine has none: it asks again.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<RefreshTokenText>,
    /// The permissions that it grants, with spaces between them; empty where there is none. People get all of theirs,
    /// whatever they ask for.
    #[openapi(example = "audit:read users:read")]
    scope: String,
}

/// Whether a token is active (RFC 7662, section 2.2). An inactive one has no other field.
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
pub(crate) struct IntrospectionView {
    /// Whether Roster itself would accept it now.
    active: bool,
    /// The permissions that it grants now, with spaces between them; missing where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    /// The client that it was issued to.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    /// The user's name; a machine has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    /// Always `Bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    /// When it ends, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    /// When it was issued, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    /// From when on it is good, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    /// The id of the user or the service account.
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    /// For whom it is; missing where `auth.audience` is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<Vec<String>>,
    /// Who issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
    /// Its own name.
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
    /// When the user last proved who they are, in seconds since 1970 (RFC 9470).
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
}

/// What a client has to know of this server (RFC 8414).
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
pub(crate) struct ServerView {
    /// What tokens name as their issuer, if that is a URL; else where this server is.
    issuer: String,
    /// Where tokens are had.
    token_endpoint: String,
    /// Where to ask whether one is active.
    introspection_endpoint: String,
    /// Where one is given up.
    revocation_endpoint: String,
    /// The public keys.
    jwks_uri: String,
    /// What a token is given for.
    grant_types_supported: Vec<&'static str>,
    /// None: there is no authorization endpoint.
    response_types_supported: Vec<&'static str>,
    /// How clients authenticate there.
    token_endpoint_auth_methods_supported: Vec<&'static str>,
    /// How clients authenticate there.
    introspection_endpoint_auth_methods_supported: Vec<&'static str>,
    /// How clients authenticate there: not at all.
    revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    /// Every permission.
    scopes_supported: Vec<&'static str>,
    /// The description of the API for people.
    service_documentation: String,
}

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

impl From<MachineToken> for TokenView {
    fn from(machine: MachineToken) -> Self {
        Self {
            expires_in: machine.token.expires_in().as_secs(),
            access_token: TokenText::Access(machine.token),
            token_type: "Bearer",
            refresh_token: None,
            scope: scope(machine.permissions),
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
    /// The issuer that it names.
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Of a server at `base`, whose tokens name `issuer`.
    pub(crate) fn new(base: &str, issuer: &str) -> Self {
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
