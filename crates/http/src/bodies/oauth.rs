//! What clients of OAuth 2.0 ask for.

use crate::extract::{FromParameters, Parameters};
use crate::openapi::schema::schema;
use crate::problem::{Code, Problem};
use paperclip::v2::models::DefaultSchemaRaw;
use paperclip::v2::schema::Apiv2Schema as Schema;
use roster_auth::password::Password;
use roster_domain::{Permission, Permissions};
use serde_json::json;
use zeroize::Zeroizing;

/// What a client wants a token for.
pub(crate) enum TokenForm {
    /// A name and a password (RFC 6749, section 4.3).
    Password { username: Zeroizing<String>, password: Password },
    /// A refresh token (RFC 6749, section 6).
    RefreshToken(Zeroizing<String>),
    /// Itself (RFC 6749, section 4.4), for all it may do or for some of it.
    ClientCredentials { scope: Option<Permissions> },
}

/// The token that is asked about, or given up.
pub(crate) struct TokenParameter(pub(crate) Zeroizing<String>);

impl FromParameters for TokenForm {
    type Form = TokenRequest;

    fn read(parameters: &mut Parameters) -> Result<Self, Problem> {
        let scope = parameters.take("scope");
        match parameters.need("grant_type")?.as_str() {
            "password" => Ok(Self::Password {
                username: parameters.need("username")?,
                password: parameters.need("password")?.into(),
            }),
            "refresh_token" => Ok(Self::RefreshToken(parameters.need("refresh_token")?)),
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
    type Form = TokenQuestion;

    fn read(parameters: &mut Parameters) -> Result<Self, Problem> {
        parameters.need("token").map(Self)
    }
}

/// The form that gives a token. Which parameters are needed depends on `grant_type`; others are ignored.
pub(crate) struct TokenRequest;

/// A token, and as whom the client asks.
pub(crate) struct TokenQuestion;

impl Schema for TokenRequest {
    fn name() -> Option<String> {
        Some("TokenRequest".to_owned())
    }

    fn raw_schema() -> DefaultSchemaRaw {
        let grants = ["password", "refresh_token", "client_credentials"];
        let text = |description: &str| json!({ "type": "string", "description": description });
        let hidden = json!({
            "type": "object",
            "description": "Which parameters are needed depends on `grant_type`; others are ignored. A parameter \
                without a value counts as omitted (RFC 6749, section 3.2).",
            "required": ["grant_type"],
            "additionalProperties": { "type": "string" },
            "properties": {
                "grant_type": { "type": "string", "enum": grants },
                "username": text("For `password`: a username or an email address."),
                "password": text("For `password`."),
                "refresh_token": text("For `refresh_token`."),
                "scope": text("For `client_credentials`: some of the permissions that the key grants. People get all of theirs."),
                "client_id": text("For `client_credentials`, if not by HTTP Basic: the service account's id. Else anything."),
                "client_secret": text("For `client_credentials`, if not by HTTP Basic: an API key of the account."),
            },
            "example": { "grant_type": "password", "username": "ada", "password": "correct horse battery staple" },
        });
        DefaultSchemaRaw { name: Self::name(), ..schema(&hidden) }
    }
}

impl Schema for TokenQuestion {
    fn name() -> Option<String> {
        Some("TokenQuestion".to_owned())
    }

    fn raw_schema() -> DefaultSchemaRaw {
        let text = |description: &str| json!({ "type": "string", "description": description });
        let hidden = json!({
            "type": "object",
            "description": "A token, and as whom the client asks. Other parameters are ignored. A parameter \
                without a value counts as omitted (RFC 6749, section 3.2).",
            "required": ["token"],
            "additionalProperties": { "type": "string" },
            "properties": {
                "token": text("The token."),
                "token_type_hint": text("Not needed: a token tells its kind."),
                "client_id": text("To introspect, if not by HTTP Basic or a bearer token: the service account's id."),
                "client_secret": text("To introspect, if not by HTTP Basic or a bearer token: an API key of the account."),
            },
            "example": { "token": "rt_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
        });
        DefaultSchemaRaw { name: Self::name(), ..schema(&hidden) }
    }
}
