//! The table of error codes: a code, its status, its title, and what to do about it.

use actix_web::http::StatusCode;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident => $status:ident, $code:literal, $title:literal, $detail:literal;)+) => {
        /// What went wrong. A code never changes once it is released.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $($(#[$doc])* $name,)+
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            const fn row(self) -> (StatusCode, &'static str, &'static str, &'static str) {
                match self {
                    $(Self::$name => (StatusCode::$status, $code, $title, $detail),)+
                }
            }
        }
    };
}

codes! {
    /// The request itself cannot be read.
    RequestMalformed => BAD_REQUEST, "request_malformed", "The request cannot be read",
        "Compare the request with the description of this operation in /docs.";
    /// The body is not JSON (RFC 8259), has a name twice, or is nested too deeply.
    JsonMalformed => BAD_REQUEST, "json_malformed", "The body is not valid JSON",
        "Send JSON (RFC 8259) in UTF-8, without duplicate names in an object.";
    /// The operation requires a body.
    BodyMissing => BAD_REQUEST, "body_missing", "A body is required",
        "Send a body with its `Content-Type`; /docs has an example.";
    /// JSON of another shape than the operation accepts.
    BodyInvalid => BAD_REQUEST, "body_invalid", "The body has the wrong shape",
        "`errors` says where, and what is expected; /docs has an example.";
    /// The body has a field that the operation does not know.
    UnknownField => BAD_REQUEST, "unknown_field", "The body has an unknown field",
        "`errors` names it and lists the known fields. Correct or remove it.";
    /// Values violate rules; all of them are listed.
    ValidationFailed => BAD_REQUEST, "validation_failed", "Some values are invalid",
        "`errors` lists each invalid value with its rule. Correct them and send the request again; nothing was \
            changed.";
    /// A query parameter that the operation does not know.
    UnknownParameter => BAD_REQUEST, "unknown_parameter", "The query has an unknown parameter",
        "`errors` names it and lists the known parameters. Correct or remove it.";
    /// Query parameters violate rules; all of them are listed.
    ParameterInvalid => BAD_REQUEST, "parameter_invalid", "A query parameter is invalid",
        "`errors` lists each error with its rule. Correct them and send the request again.";
    /// Neither a UUID nor, for a user, `me`.
    IdInvalid => BAD_REQUEST, "id_invalid", "The id is invalid",
        "Send the id exactly as Roster returned it: a UUID such as 0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8.";
    /// A damaged cursor, or a cursor for another filter or sort.
    CursorInvalid => BAD_REQUEST, "cursor_invalid", "The cursor does not belong to this list",
        "Send `next_cursor` unchanged, with the same filter and sort, or start without a cursor.";
    /// `If-Match` or `If-None-Match` is neither `*` nor a list of entity tags.
    ConditionInvalid => BAD_REQUEST, "condition_invalid", "The condition cannot be read",
        "Send `*`, or ETags exactly as Roster returned them: in quotes, separated by commas.";
    /// No credentials were sent.
    AuthenticationRequired => UNAUTHORIZED, "authentication_required", "Authentication is required",
        "Send an access token from POST /auth/login, or an API key, as `Authorization: Bearer TOKEN`.";
    /// A token that is damaged, expired or superseded, or whose account is gone. The client does not learn which,
    /// because that would help attackers who try out tokens.
    InvalidToken => UNAUTHORIZED, "invalid_token", "The token is not valid",
        "It expired, was revoked, or is not from this server. Use the refresh token or log in again. A service account \
            needs a valid API key of an active account.";
    /// No such login, or a wrong password.
    CredentialsInvalid => UNAUTHORIZED, "credentials_invalid", "The login or the password is wrong",
        "Check both and try again. If you forgot the password, ask an administrator for a new one.";
    /// A refresh token that is damaged, expired, or was used before.
    RefreshTokenInvalid => UNAUTHORIZED, "refresh_token_invalid", "The refresh token is not valid",
        "It expired, was used before, was revoked, or is not from this server. Log in again.";
    /// A sensitive change needs a recent login (RFC 9470).
    LoginTooOld => UNAUTHORIZED, "login_too_old", "A recent login is required",
        "Log in again and repeat the request with the new token.";
    /// An OAuth client that is unknown or did not authenticate correctly.
    ClientInvalid => UNAUTHORIZED, "client_invalid", "The client could not be authenticated",
        "Send the id of a service account and one of its valid API keys, by HTTP Basic or as `client_id` and \
            `client_secret`.";
    /// An OAuth 2.0 grant type that Roster does not support.
    GrantTypeUnsupported => BAD_REQUEST, "grant_type_unsupported", "The grant type is not supported",
        "Send `password`, `refresh_token` or `client_credentials`.";
    /// A scope that does not exist, or that the client's key does not grant.
    ScopeInvalid => BAD_REQUEST, "scope_invalid", "The scope is unknown or exceeds the client's permissions",
        "Send permissions that the key grants, separated by spaces, or omit `scope` to get all of them.";
    /// A token that its holder cannot revoke.
    TokenTypeUnsupported => BAD_REQUEST, "token_type_unsupported", "This token ends with its API key",
        "Revoke the key itself: DELETE /service-accounts/{id}/keys/{key_id}.";
    /// The caller is authenticated but not allowed to do this.
    PermissionDenied => FORBIDDEN, "permission_denied", "You are not allowed to do this",
        "Ask an administrator for the permission, or to do it for you.";
    /// Only administrators can register users.
    RegistrationClosed => FORBIDDEN, "registration_closed", "Registration is closed",
        "Ask an administrator to create the account, which requires `users:create`.";
    /// The password is right, but the account is disabled.
    AccountDisabled => FORBIDDEN, "account_disabled", "The account is disabled",
        "Ask an administrator to enable it.";
    /// The password is right, but the account is not active yet.
    AccountPending => FORBIDDEN, "account_pending", "The account is not active yet",
        "Ask an administrator to activate it.";
    /// The password is temporary, so its owner must replace it before anything else.
    PasswordChangeRequired => FORBIDDEN, "password_change_required", "The password must be changed first",
        "An administrator requires a new password. Send PUT /users/me/password with a `password` of your choice, and \
            with `current_password` unless you have logged in since. Nothing else is allowed before.";
    /// A password change with a wrong current password.
    CurrentPasswordWrong => FORBIDDEN, "current_password_wrong", "The current password is wrong",
        "Send the current password as `current_password`. The password was not changed.";
    /// A CORS preflight for a request that the page may not send.
    PreflightRefused => FORBIDDEN, "preflight_refused", "The page may not send this request",
        "The page's origin is not in `cors.allowed_origins`. The operator can add it: scheme, host and port, exactly \
            as the browser sends it.";
    /// The path does not exist.
    NotFound => NOT_FOUND, "not_found", "This path does not exist",
        "Check the path, including case and slashes; /docs lists all paths.";
    /// No user has this id.
    UserNotFound => NOT_FOUND, "user_not_found", "The user does not exist",
        "Check the id, or search with GET /users. The user may have been deleted.";
    /// No service account has this id.
    ServiceAccountNotFound => NOT_FOUND, "service_account_not_found", "The service account does not exist",
        "Check the id, or search with GET /service-accounts. The account may have been deleted.";
    /// The service account has no key with this id.
    ApiKeyNotFound => NOT_FOUND, "api_key_not_found", "The API key does not exist",
        "Check the id; GET /service-accounts/{id}/keys lists the keys of the account.";
    /// The user has no session with this id, or none at all.
    SessionNotFound => NOT_FOUND, "session_not_found", "The session does not exist",
        "It may have ended already; GET /users/{id}/sessions lists the active sessions.";
    /// The caller has no job with this id.
    JobNotFound => NOT_FOUND, "job_not_found", "The job does not exist",
        "Check the id. Only the user who started a job sees it, and for seven days after its end.";
    /// The path exists, but not with this method.
    MethodNotAllowed => METHOD_NOT_ALLOWED, "method_not_allowed", "The method is not allowed here",
        "Use one of the methods in the `Allow` header.";
    /// The client accepts no media type that there is; mostly, JSON is the only one.
    NotAcceptable => NOT_ACCEPTABLE, "not_acceptable", "The accepted media types are not available here",
        "Add application/json to `Accept`, or omit the header.";
    /// The body did not arrive in time.
    RequestTimeout => REQUEST_TIMEOUT, "request_timeout", "The body took too long to arrive",
        "Send the request again, and its body without pauses.";
    /// Another user has this username.
    UsernameTaken => CONFLICT, "username_taken", "The username is taken",
        "Choose another one. Case does not matter.";
    /// Another user has this address.
    EmailTaken => CONFLICT, "email_taken", "The email address is taken",
        "Use another one. An address belongs to one user only.";
    /// Another user has this external id.
    ExternalIdTaken => CONFLICT, "external_id_taken", "The external id is taken",
        "Use another one, or change the user who has it: search with GET /users?external_id=….";
    /// Another service account has this name.
    NameTaken => CONFLICT, "name_taken", "The name is taken",
        "Choose another one; GET /service-accounts lists all names.";
    /// Another key has already replaced this one.
    ApiKeyReplaced => CONFLICT, "api_key_replaced", "The API key has already been rotated",
        "Rotate the key that replaced it: its id is in `replaced_by`.";
    /// The key has expired, so it cannot be rotated.
    ApiKeyEnded => CONFLICT, "api_key_ended", "The API key has expired",
        "An expired key cannot be rotated. Create another with POST /service-accounts/{id}/keys.";
    /// The service account has the maximum number of keys.
    TooManyApiKeys => CONFLICT, "api_keys_too_many", "The service account has too many keys",
        "Revoke a key that is no longer used.";
    /// The job has ended.
    JobFinished => CONFLICT, "job_finished", "The job has ended already",
        "It cannot be cancelled any more; GET /jobs/{id} shows how it ended.";
    /// Too many jobs have not ended.
    TooManyJobs => CONFLICT, "jobs_too_many", "Too many jobs have not ended yet",
        "They run one after the other. Wait until some have ended, and send the file again.";
    /// There must be at least one active administrator.
    LastAdministrator => CONFLICT, "last_administrator", "The last active administrator must remain",
        "Give the role `admin` to another active user first. Nothing was changed.";
    /// Others kept changing the user at the same time.
    ChangedMeanwhile => CONFLICT, "changed_meanwhile", "The user was changed at the same time",
        "This request changed nothing. Read the current state and send the request again.";
    /// `If-Match` names another version.
    PreconditionFailed => PRECONDITION_FAILED, "precondition_failed", "The version has changed",
        "It was changed since you read it, or If-Match has none of its ETags. Read it again and send the ETag of that \
            response.";
    /// `If-Match` is missing, and a setting requires it (RFC 6585, section 3).
    PreconditionRequired => PRECONDITION_REQUIRED, "precondition_required", "Changes require If-Match",
        "Read it first, and send the ETag of that response as If-Match.";
    /// The body exceeds the limit.
    BodyTooLarge => PAYLOAD_TOO_LARGE, "body_too_large", "The body is too large",
        "Send less at once.";
    /// A content type or content coding that the operation does not accept.
    MediaTypeUnsupported => UNSUPPORTED_MEDIA_TYPE, "media_type_unsupported", "The content type is not supported",
        "Send the right `Content-Type`, without a content coding.";
    /// The response is sent in chunks, which HTTP/1.0 does not have (RFC 9110, section 15.5.22).
    HttpVersionTooOld => UPGRADE_REQUIRED, "http_version_too_old", "This response requires HTTP/1.1",
        "Send the request with HTTP/1.1. If a proxy sends it, such as an nginx, configure that: `proxy_http_version 1.1`.";
    /// More attempts than the limits allow. `Retry-After` says how long to wait.
    TooManyRequests => TOO_MANY_REQUESTS, "too_many_requests", "Too many attempts",
        "Try again after the number of seconds in `Retry-After`.";
    /// A defect in Roster. The log has the details under the request id.
    Internal => INTERNAL_SERVER_ERROR, "internal_error", "Something went wrong on our side",
        "Try again later. If the error persists, send the `request_id` to the operator: the log has the details.";
    /// The store cannot handle the request now.
    Unavailable => SERVICE_UNAVAILABLE, "unavailable", "The server cannot do this right now",
        "Try again after the number of seconds in `Retry-After`. GET /health shows the operator which part fails.";
    /// Too many passwords are waiting to be hashed.
    Busy => SERVICE_UNAVAILABLE, "busy", "Too many passwords are waiting to be checked",
        "Try again after the number of seconds in `Retry-After`.";
    /// The disk or the connection failed during the write, which may or may not have happened.
    OutcomeUnknown => SERVICE_UNAVAILABLE, "outcome_unknown", "The change may or may not have been saved",
        "Check whether it was saved before you send the request again.";
}

impl Code {
    /// The status of responds with this code.
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

    /// What to do about it, unless the problem has a detail of its own.
    #[must_use]
    pub const fn detail(self) -> &'static str {
        self.row().3
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique() {
        let codes: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(codes.len(), Code::ALL.len());
    }

    #[test]
    fn every_detail_is_a_sentence_that_differs_from_the_title() {
        for code in Code::ALL {
            assert!(code.detail().ends_with('.') && code.detail() != code.title(), "{code:?}");
        }
    }

    #[test]
    fn every_status_is_an_error_status() {
        assert!(Code::ALL.iter().all(|code| code.status().as_u16() >= 400));
    }
}
