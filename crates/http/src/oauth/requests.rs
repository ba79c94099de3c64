//! The forms that OAuth 2.0 clients send.

use super::form::{FromParameters, Parameters};
use crate::code::Code;
use crate::openapi::schema::schema;
use crate::problem::Problem;
use paperclip::v2::models::DefaultSchemaRaw;
use paperclip::v2::schema::Apiv2Schema as Schema;
use roster_auth::password::Password;
use roster_domain::{Permission, Permissions};
use serde_json::json;
use zeroize::Zeroizing;

/// A token request, by its grant type.
pub(super) enum TokenForm {
    /// A name and a password (RFC 6749, section 4.3).
    Password { username: Zeroizing<String>, password: Password },
    /// A refresh token (RFC 6749, section 6).
    RefreshToken(Zeroizing<String>),
    /// The client itself (RFC 6749, section 4.4), for all its permissions or for some.
    ClientCredentials { scope: Option<Permissions> },
}

/// The token to introspect or revoke.
pub(super) struct TokenParameter(pub(super) Zeroizing<String>);

impl FromParameters for TokenForm {
    type Form = TokenRequest;

    fn read(parameters: &mut Parameters) -> Result<Self, Problem> {
        let scope = parameters.take("scope");
        match parameters.require("grant_type")?.as_str() {
            "password" => Ok(Self::Password {
                username: parameters.require("username")?,
                password: parameters.require("password")?.into(),
            }),
            "refresh_token" => Ok(Self::RefreshToken(parameters.require("refresh_token")?)),
            "client_credentials" => {
                Ok(Self::ClientCredentials { scope: scope.map(|scope| permissions(&scope)).transpose()? })
            }
            _ => Err(Code::GrantTypeUnsupported.into()),
        }
    }
}

fn permissions(scope: &str) -> Result<Permissions, Problem> {
    let names = scope.split(' ').filter(|name| !name.is_empty());
    names.map(|name| name.parse::<Permission>().map_err(|_| Code::ScopeInvalid.into())).collect()
}

impl FromParameters for TokenParameter {
    type Form = TokenQuery;

    fn read(parameters: &mut Parameters) -> Result<Self, Problem> {
        parameters.require("token").map(Self)
    }
}

/// The schema of a token request.
pub(super) struct TokenRequest;

/// The schema of an introspection or revocation request.
pub(super) struct TokenQuery;

impl Schema for TokenRequest {
    fn name() -> Option<String> {
        Some("TokenRequest".to_owned())
    }

    fn raw_schema() -> DefaultSchemaRaw {
        let grants = ["password", "refresh_token", "client_credentials"];
        let text = |description: &str| json!({ "type": "string", "description": description });
        let hidden = json!({
            "type": "object",
            "description": "`grant_type` decides which parameters are required; others are ignored. A parameter \
                without a value counts as omitted (RFC 6749, section 3.2).",
            "required": ["grant_type"],
            "additionalProperties": { "type": "string" },
            "properties": {
                "grant_type": { "type": "string", "enum": grants },
                "username": text("For `password`: a username or an email address."),
                "password": text("For `password`."),
                "refresh_token": text("For `refresh_token`."),
                "scope": text("For `client_credentials`: some of the permissions that the key grants. Users always get all of theirs."),
                "client_id": text("For `client_credentials` without HTTP Basic: the id of the service account. Otherwise anything."),
                "client_secret": text("For `client_credentials` without HTTP Basic: an API key of the account."),
            },
            "example": { "grant_type": "password", "username": "ada", "password": "correct horse battery staple" },
        });
        DefaultSchemaRaw { name: Self::name(), ..schema(&hidden) }
    }
}

impl Schema for TokenQuery {
    fn name() -> Option<String> {
        Some("TokenQuestion".to_owned())
    }

    fn raw_schema() -> DefaultSchemaRaw {
        let text = |description: &str| json!({ "type": "string", "description": description });
        let hidden = json!({
            "type": "object",
            "description": "A token, and the credentials of the client. Other parameters are ignored. A parameter \
                without a value counts as omitted (RFC 6749, section 3.2).",
            "required": ["token"],
            "additionalProperties": { "type": "string" },
            "properties": {
                "token": text("The token."),
                "token_type_hint": text("Not needed: Roster recognises the kind of a token."),
                "client_id": text("For introspection without HTTP Basic or a bearer token: the id of the service account."),
                "client_secret": text("For introspection without HTTP Basic or a bearer token: an API key of the account."),
            },
            "example": { "token": "rt_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
        });
        DefaultSchemaRaw { name: Self::name(), ..schema(&hidden) }
    }
}
