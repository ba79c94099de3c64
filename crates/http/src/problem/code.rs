//! The one table of what can go wrong: a code, its status, its title.

use actix_web::http::StatusCode;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident => $status:ident, $code:literal, $title:literal;)+) => {
        /// What went wrong, as a code that stays the same for good.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $($(#[$doc])* $name,)+
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            const fn row(self) -> (StatusCode, &'static str, &'static str) {
                match self {
                    $(Self::$name => (StatusCode::$status, $code, $title),)+
                }
            }
        }
    };
}

codes! {
    /// The request itself cannot be read.
    RequestMalformed => BAD_REQUEST, "request_malformed", "The request cannot be read";
    /// The body is not JSON (RFC 8259), or holds a name twice, or nests too deep.
    JsonMalformed => BAD_REQUEST, "json_malformed", "The body is not valid JSON";
    /// There is no body where one is needed.
    BodyMissing => BAD_REQUEST, "body_missing", "A body is needed";
    /// JSON of another shape than the operation takes.
    BodyInvalid => BAD_REQUEST, "body_invalid", "The body has the wrong shape";
    /// A field that the operation does not know.
    UnknownField => BAD_REQUEST, "unknown_field", "The body has a field that is not known here";
    /// Values that break a rule; each is listed.
    ValidationFailed => BAD_REQUEST, "validation_failed", "Some values break a rule";
    /// A query parameter that the operation does not know.
    UnknownParameter => BAD_REQUEST, "unknown_parameter", "A query parameter is not known here";
    /// Query parameters that break a rule; each is listed.
    ParameterInvalid => BAD_REQUEST, "parameter_invalid", "A query parameter breaks a rule";
    /// Neither a UUID nor, where a user is meant, `me`.
    IdInvalid => BAD_REQUEST, "id_invalid", "That is not an id";
    /// A damaged cursor, or one of another filter or sort.
    CursorInvalid => BAD_REQUEST, "cursor_invalid", "The cursor does not belong to this list";
    /// `If-Match` or `If-None-Match` that is neither `*` nor a list of entity tags.
    ConditionInvalid => BAD_REQUEST, "condition_invalid", "The condition cannot be read";
    /// No credentials were sent.
    AuthenticationRequired => UNAUTHORIZED, "authentication_required", "Log in first";
    /// A token that is damaged, expired, superseded, or of an account that is gone.
    InvalidToken => UNAUTHORIZED, "invalid_token", "The token is not valid";
    /// No such login, or another password.
    CredentialsInvalid => UNAUTHORIZED, "credentials_invalid", "The login or the password is wrong";
    /// A refresh token that is damaged, expired, or was used before.
    RefreshTokenInvalid => UNAUTHORIZED, "refresh_token_invalid", "The refresh token is not valid";
    /// A sensitive change with a login of long ago: log in again (RFC 9470).
    LoginTooOld => UNAUTHORIZED, "login_too_old", "A recent login is needed";
    /// An OAuth client that is not known, or did not show who it is in the one right place.
    ClientInvalid => UNAUTHORIZED, "client_invalid", "The client could not be authenticated";
    /// A grant type of OAuth 2.0 that there is not here.
    GrantTypeUnsupported => BAD_REQUEST, "grant_type_unsupported", "The grant type is not supported";
    /// A scope that there is not, or that the client's key does not grant.
    ScopeInvalid => BAD_REQUEST, "scope_invalid", "The scope is unknown or more than the client may have";
    /// A token whose holder cannot revoke it.
    TokenTypeUnsupported => BAD_REQUEST, "token_type_unsupported", "Such a token ends with its API key";
    /// The caller is known and may not do this.
    PermissionDenied => FORBIDDEN, "permission_denied", "You may not do this";
    /// Registration is for administrators.
    RegistrationClosed => FORBIDDEN, "registration_closed", "Registration is closed";
    /// The right password, and a disabled account.
    AccountDisabled => FORBIDDEN, "account_disabled", "The account is disabled";
    /// The right password, and an account that is not active yet.
    AccountPending => FORBIDDEN, "account_pending", "The account is not active yet";
    /// A password change with the wrong present password.
    CurrentPasswordWrong => FORBIDDEN, "current_password_wrong", "The current password is wrong";
    /// Nothing lives at this path.
    NotFound => NOT_FOUND, "not_found", "Nothing is here";
    /// No user has this id.
    UserNotFound => NOT_FOUND, "user_not_found", "There is no such user";
    /// No service account has this id.
    ServiceAccountNotFound => NOT_FOUND, "service_account_not_found", "There is no such service account";
    /// The service account has no key of this id.
    ApiKeyNotFound => NOT_FOUND, "api_key_not_found", "There is no such API key";
    /// The user has no session with this id, or none at all.
    SessionNotFound => NOT_FOUND, "session_not_found", "There is no such session";
    /// The path exists, the method does not.
    MethodNotAllowed => METHOD_NOT_ALLOWED, "method_not_allowed", "The method is not allowed here";
    /// The client takes no JSON, and JSON is all there is.
    NotAcceptable => NOT_ACCEPTABLE, "not_acceptable", "Only application/json is to be had here";
    /// The body did not arrive in time.
    RequestTimeout => REQUEST_TIMEOUT, "request_timeout", "The body took too long to arrive";
    /// Another user has this username.
    UsernameTaken => CONFLICT, "username_taken", "The username is taken";
    /// Another user has this address.
    EmailTaken => CONFLICT, "email_taken", "The email address is taken";
    /// Another user has this external id.
    ExternalIdTaken => CONFLICT, "external_id_taken", "The external id is taken";
    /// Another service account has this name.
    NameTaken => CONFLICT, "name_taken", "The name is taken";
    /// Another key has taken the place of this one already.
    ApiKeyReplaced => CONFLICT, "api_key_replaced", "The API key has been rotated already";
    /// The key's time is over, so that there is nothing to rotate.
    ApiKeyEnded => CONFLICT, "api_key_ended", "The API key has ended";
    /// The service account has as many live keys as one may have.
    TooManyApiKeys => CONFLICT, "api_keys_too_many", "The service account has no room for another key";
    /// The last active administrator must remain one.
    LastAdministrator => CONFLICT, "last_administrator", "The last active administrator must remain";
    /// The user was changed meanwhile, again and again.
    ChangedMeanwhile => CONFLICT, "changed_meanwhile", "The user was changed at the same time";
    /// `If-Match` names another version.
    PreconditionFailed => PRECONDITION_FAILED, "precondition_failed", "It has another version by now";
    /// No `If-Match`, where a setting asks for one (RFC 6585, section 3).
    PreconditionRequired => PRECONDITION_REQUIRED, "precondition_required", "A change needs an If-Match";
    /// More bytes than the limit.
    BodyTooLarge => PAYLOAD_TOO_LARGE, "body_too_large", "The body is too large";
    /// A content type or content coding that the operation does not take.
    MediaTypeUnsupported => UNSUPPORTED_MEDIA_TYPE, "media_type_unsupported", "The content type is not supported";
    /// More attempts than the limits allow. `Retry-After` says how long to wait.
    TooManyRequests => TOO_MANY_REQUESTS, "too_many_requests", "Too many attempts; wait a little";
    /// A defect in Roster. The log has the details under the request id.
    Internal => INTERNAL_SERVER_ERROR, "internal_error", "Something went wrong on our side";
    /// The store cannot take the request now.
    Unavailable => SERVICE_UNAVAILABLE, "unavailable", "The server cannot do this right now";
    /// Too many passwords wait to be checked.
    Busy => SERVICE_UNAVAILABLE, "busy", "Too many passwords wait to be checked";
    /// The write may or may not have happened: the disk or the connection failed in the middle.
    OutcomeUnknown => SERVICE_UNAVAILABLE, "outcome_unknown", "It is not known whether the change was kept";
}

impl Code {
    /// The status it is answered with.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        self.row().0
    }

    /// The code itself, such as `email_taken`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.row().1
    }

    /// One line for people, the same for every occurrence (RFC 9457, section 3.1.3).
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.row().2
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_problems_share_a_code() {
        let codes: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(codes.len(), Code::ALL.len());
    }

    #[test]
    fn every_status_is_an_error() {
        assert!(Code::ALL.iter().all(|code| code.status().as_u16() >= 400));
    }
}
