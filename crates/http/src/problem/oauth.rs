//! Problems as the clients of OAuth 2.0 know them (RFC 6749, section 5.2).

use super::{Code, Problem};
use crate::openapi::schema::schema;
use actix_web::HttpResponse;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use paperclip::actix::Apiv2Schema;
use paperclip::v2::models::DefaultSchemaRaw;
use paperclip::v2::schema::Apiv2Schema as Schema;
use serde::Serialize;
use serde_json::json;

/// What the OAuth endpoints answer in the place of a problem detail.
#[derive(Serialize, Apiv2Schema)]
#[openapi(rename = "OAuthError")]
pub(crate) struct OAuthErrorView {
    /// What went wrong, for programs.
    error: OAuthErrorCode,
    /// What went wrong, for people.
    error_description: String,
}

/// What went wrong, in the words that are registered for it.
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
    /// RFC 8628, section 3.5: the registered word for a client that asks too often.
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

    /// The one table: what a code is to a client of OAuth.
    pub(crate) const fn of(code: Code) -> Self {
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
            Code::PermissionDenied
            | Code::RegistrationClosed
            | Code::CurrentPasswordWrong
            | Code::PreflightRefused => Self::InsufficientScope,
            Code::TooManyRequests => Self::SlowDown,
            Code::Internal => Self::ServerError,
            Code::ChangedMeanwhile | Code::Unavailable | Code::Busy | Code::OutcomeUnknown => {
                Self::TemporarilyUnavailable
            }
            Code::RequestMalformed
            | Code::JsonMalformed
            | Code::BodyMissing
            | Code::BodyInvalid
            | Code::UnknownField
            | Code::ValidationFailed
            | Code::UnknownParameter
            | Code::ParameterInvalid
            | Code::IdInvalid
            | Code::CursorInvalid
            | Code::ConditionInvalid
            | Code::NotFound
            | Code::UserNotFound
            | Code::ServiceAccountNotFound
            | Code::ApiKeyNotFound
            | Code::SessionNotFound
            | Code::MethodNotAllowed
            | Code::NotAcceptable
            | Code::RequestTimeout
            | Code::UsernameTaken
            | Code::EmailTaken
            | Code::ExternalIdTaken
            | Code::NameTaken
            | Code::ApiKeyReplaced
            | Code::ApiKeyEnded
            | Code::TooManyApiKeys
            | Code::LastAdministrator
            | Code::PreconditionFailed
            | Code::PreconditionRequired
            | Code::BodyTooLarge
            | Code::MediaTypeUnsupported => Self::InvalidRequest,
        }
    }

    /// The status that a code has there: 400 for a grant that is refused, else its own.
    pub(crate) const fn status(code: Code) -> StatusCode {
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

    /// What a refused caller is asked for: its credentials as a client, or another token.
    const fn challenge(self) -> Option<HeaderValue> {
        match self {
            Self::InvalidClient => Some(HeaderValue::from_static("Basic realm=\"roster\"")),
            Self::InvalidToken => Some(HeaderValue::from_static("Bearer error=\"invalid_token\"")),
            Self::InsufficientScope => Some(HeaderValue::from_static("Bearer error=\"insufficient_scope\"")),
            _ => None,
        }
    }
}

impl Problem {
    /// The response that a client of OAuth sees.
    pub(crate) fn render_for_oauth(&self) -> HttpResponse<BoxBody> {
        let word = OAuthErrorCode::of(self.code());
        let mut response = HttpResponse::build(OAuthErrorCode::status(self.code()));
        for (name, value) in self.headers() {
            response.insert_header((name.clone(), value.clone()));
        }
        if let Some(challenge) = word.challenge() {
            response.insert_header((header::WWW_AUTHENTICATE, challenge));
        }
        let mut message = description(self.code().title(), self.detail());
        for fault in self.faults() {
            message = format!("{message}; {}", plain(&fault.message));
        }
        response.json(OAuthErrorView { error: word, error_description: message })
    }
}

/// An `error_description`: a title and a detail in one, since there is one place for both.
pub(crate) fn description(title: &str, detail: &str) -> String {
    plain(&format!("{title}. {detail}"))
}

/// The letters that an `error_description` may have (RFC 6749, section 5.2).
fn plain(text: &str) -> String {
    let letter = |letter| match letter {
        '"' | '`' => '\'',
        '\\' => '/',
        ' '..='~' => letter,
        _ => '?',
    };
    text.chars().map(letter).collect()
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
    fn a_word_is_sent_as_it_is_documented() {
        for word in OAuthErrorCode::ALL {
            assert_eq!(serde_json::to_value(word).unwrap(), word.as_str());
        }
    }

    #[test]
    fn a_description_has_only_the_letters_that_it_may_have() {
        assert_eq!(plain("a \"b\"\r\nx: \\ é"), "a 'b'??x: / ?");
    }

    #[test]
    fn unauthorized_is_what_asks_for_credentials() {
        for code in Code::ALL {
            let asks = OAuthErrorCode::of(*code).challenge().is_some();
            let refused = matches!(OAuthErrorCode::status(*code).as_u16(), 401 | 403);
            assert_eq!(asks, refused, "{code:?}");
        }
    }
}
