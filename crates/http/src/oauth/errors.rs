//! Problems in the form that OAuth 2.0 clients expect (RFC 6749, section 5.2).

use crate::code::Code;
use crate::openapi::schema::schema;
use crate::problem::Problem;
use actix_web::HttpResponse;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use paperclip::actix::Apiv2Schema;
use paperclip::v2::models::DefaultSchemaRaw;
use paperclip::v2::schema::Apiv2Schema as Schema;
use serde::Serialize;
use serde_json::json;

/// What OAuth endpoints send instead of a problem detail.
#[derive(Serialize, Apiv2Schema)]
#[openapi(rename = "OAuthError")]
pub(super) struct OAuthErrorView {
    /// What went wrong, for programs.
    error: OAuthErrorCode,
    /// What went wrong, for people.
    error_description: String,
}

/// What went wrong, as a registered error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OAuthErrorCode {
    /// RFC 6749, section 5.2; any status but 401 and 403.
    InvalidRequest,
    /// RFC 6749, section 5.2.
    InvalidClient,
    /// RFC 6749, section 5.2.
    InvalidGrant,
    /// RFC 6749, section 5.2.
    UnsupportedGrantType,
    /// RFC 6749, section 5.2.
    InvalidScope,
    /// RFC 7009, section 2.2.1.
    UnsupportedTokenType,
    /// RFC 6750, section 3.1.
    InvalidToken,
    /// RFC 6750, section 3.1.
    InsufficientScope,
    /// RFC 8628, section 3.5: the registered code for too many requests.
    SlowDown,
    /// RFC 6749, section 4.1.2.1.
    ServerError,
    /// RFC 6749, section 4.1.2.1.
    TemporarilyUnavailable,
}

impl OAuthErrorCode {
    const ALL: [Self; 11] = [
        Self::InvalidRequest,
        Self::InvalidClient,
        Self::InvalidGrant,
        Self::UnsupportedGrantType,
        Self::InvalidScope,
        Self::UnsupportedTokenType,
        Self::InvalidToken,
        Self::InsufficientScope,
        Self::SlowDown,
        Self::ServerError,
        Self::TemporarilyUnavailable,
    ];

    /// The error code for a problem: by its status, unless OAuth has a nearer one.
    pub(crate) fn of(code: Code) -> Self {
        match code {
            Code::AuthenticationRequired | Code::ClientInvalid => Self::InvalidClient,
            Code::InvalidToken | Code::LoginTooOld => Self::InvalidToken,
            Code::CredentialsInvalid
            | Code::RefreshTokenInvalid
            | Code::AccountDisabled
            | Code::AccountPending
            | Code::PasswordChangeRequired => Self::InvalidGrant,
            Code::GrantTypeUnsupported => Self::UnsupportedGrantType,
            Code::ScopeInvalid => Self::InvalidScope,
            Code::TokenTypeUnsupported => Self::UnsupportedTokenType,
            Code::ChangedMeanwhile => Self::TemporarilyUnavailable,
            other => Self::of_status(other.status()),
        }
    }

    fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::InvalidClient,
            StatusCode::FORBIDDEN => Self::InsufficientScope,
            StatusCode::TOO_MANY_REQUESTS => Self::SlowDown,
            StatusCode::SERVICE_UNAVAILABLE => Self::TemporarilyUnavailable,
            status if status.is_client_error() => Self::InvalidRequest,
            _ => Self::ServerError,
        }
    }

    /// The status of a problem: 400 for a rejected grant, otherwise its own.
    pub(crate) fn status(code: Code) -> StatusCode {
        match Self::of(code) {
            Self::InvalidGrant => StatusCode::BAD_REQUEST,
            _ => code.status(),
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::UnsupportedTokenType => "unsupported_token_type",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::SlowDown => "slow_down",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
        }
    }

    /// The challenge: credentials of a client, or another token.
    const fn challenge(self) -> Option<HeaderValue> {
        match self {
            Self::InvalidClient => Some(HeaderValue::from_static("Basic realm=\"roster\"")),
            Self::InvalidToken => Some(HeaderValue::from_static("Bearer error=\"invalid_token\"")),
            Self::InsufficientScope => Some(HeaderValue::from_static("Bearer error=\"insufficient_scope\"")),
            _ => None,
        }
    }
}

/// The response that an OAuth client sees.
pub(super) fn render(problem: &Problem) -> HttpResponse<BoxBody> {
    let error = OAuthErrorCode::of(problem.code());
    let mut response = HttpResponse::build(OAuthErrorCode::status(problem.code()));
    for (name, value) in problem.headers() {
        response.insert_header((name.clone(), value.clone()));
    }
    if let Some(challenge) = error.challenge() {
        response.insert_header((header::WWW_AUTHENTICATE, challenge));
    }
    let mut text = description(problem.code().title(), problem.detail());
    for violation in problem.violations() {
        text = format!("{text}; {}", plain(&violation.message));
    }
    response.json(OAuthErrorView { error, error_description: text })
}

/// An `error_description`: the title and the detail in one text.
pub(crate) fn description(title: &str, detail: &str) -> String {
    plain(&format!("{title}. {detail}"))
}

/// The text in the characters that an `error_description` may have (RFC 6749, section 5.2).
fn plain(text: &str) -> String {
    let plain = |character| match character {
        '"' | '`' => '\'',
        '\\' => '/',
        ' '..='~' => character,
        _ => '?',
    };
    text.replace('…', "...").chars().map(plain).collect()
}

impl Schema for OAuthErrorCode {
    fn raw_schema() -> DefaultSchemaRaw {
        schema(&json!({ "type": "string", "enum": Self::ALL.map(Self::as_str) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_codes_are_sent_as_documented() {
        for code in OAuthErrorCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }

    #[test]
    fn a_description_has_only_allowed_characters() {
        assert_eq!(plain("a \"b\"\r\nx: \\ é…"), "a 'b'??x: / ?...");
    }

    #[test]
    fn exactly_401_and_403_have_a_challenge() {
        for code in Code::ALL {
            let challenges = OAuthErrorCode::of(*code).challenge().is_some();
            let rejected = matches!(OAuthErrorCode::status(*code).as_u16(), 401 | 403);
            assert_eq!(challenges, rejected, "{code:?}");
        }
    }
}
