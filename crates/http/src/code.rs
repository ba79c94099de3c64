//! The one table of what can go wrong: a code, its status, its title, and what to do about it.

use actix_web::http::StatusCode;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident => $status:ident, $code:literal, $title:literal, $detail:literal;)+) => {
        /// What went wrong, as a code that stays the same for good.
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
        "Compare it with what /docs says of this operation, and send it again.";
    /// The body is not JSON (RFC 8259), or holds a name twice, or nests too deep.
    JsonMalformed => BAD_REQUEST, "json_malformed", "The body is not valid JSON",
        "Send JSON (RFC 8259) in UTF-8 in which no object has a name twice.";
    /// There is no body where one is needed.
    BodyMissing => BAD_REQUEST, "body_missing", "A body is needed",
        "Send one, with its `Content-Type`; /docs shows an example.";
    /// JSON of another shape than the operation takes.
    BodyInvalid => BAD_REQUEST, "body_invalid", "The body has the wrong shape",
        "`errors` says where, and what is expected there; /docs shows an example.";
    /// A field that the operation does not know.
    UnknownField => BAD_REQUEST, "unknown_field", "The body has a field that is not known here",
        "`errors` says which, and names those that are known. Correct it or leave it out.";
    /// Values that break a rule; each is listed.
    ValidationFailed => BAD_REQUEST, "validation_failed", "Some values break a rule",
        "`errors` names each of them and its rule. Correct them and send the request again; nothing was \
            changed.";
    /// A query parameter that the operation does not know.
    UnknownParameter => BAD_REQUEST, "unknown_parameter", "A query parameter is not known here",
        "`errors` says which, and names those that are known. Correct it or leave it out.";
    /// Query parameters that break a rule; each is listed.
    ParameterInvalid => BAD_REQUEST, "parameter_invalid", "A query parameter breaks a rule",
        "`errors` names each fault and its rule. Correct them and send the request again.";
    /// Neither a UUID nor, where a user is meant, `me`.
    IdInvalid => BAD_REQUEST, "id_invalid", "That is not an id",
        "Send the id as Roster gave it: a UUID, such as 0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8.";
    /// A damaged cursor, or one of another filter or sort.
    CursorInvalid => BAD_REQUEST, "cursor_invalid", "The cursor does not belong to this list",
        "Send `next_cursor` as it was given, with the same filter and sort, or begin without a cursor.";
    /// `If-Match` or `If-None-Match` that is neither `*` nor a list of entity tags.
    ConditionInvalid => BAD_REQUEST, "condition_invalid", "The condition cannot be read",
        "Send `*`, or ETags as they were given, with their quotes and commas between them.";
    /// No credentials were sent.
    AuthenticationRequired => UNAUTHORIZED, "authentication_required", "Log in first",
        "Send an access token, which POST /auth/login gives, or an API key, as `Authorization: Bearer …`.";
    /// A token that is damaged, expired, superseded, or of an account that is gone. Which of these it is, the
    /// client is not told: that would help whoever tries tokens out.
    InvalidToken => UNAUTHORIZED, "invalid_token", "The token is not valid",
        "It has expired, was revoked, or is not one of this server. Go on with the refresh token, or log \
            in again; a machine needs a live API key of an active account.";
    /// No such login, or another password.
    CredentialsInvalid => UNAUTHORIZED, "credentials_invalid", "The login or the password is wrong",
        "Check both and try again. Whoever has forgotten the password asks an administrator for a new one.";
    /// A refresh token that is damaged, expired, or was used before.
    RefreshTokenInvalid => UNAUTHORIZED, "refresh_token_invalid", "The refresh token is not valid",
        "It has expired, was used before, was revoked, or is not one of this server. Log in again.";
    /// A sensitive change with a login of long ago: log in again (RFC 9470).
    LoginTooOld => UNAUTHORIZED, "login_too_old", "A recent login is needed",
        "Log in again, and repeat the request with the new token.";
    /// An OAuth client that is not known, or did not show who it is in the one right place.
    ClientInvalid => UNAUTHORIZED, "client_invalid", "The client could not be authenticated",
        "Send the id of a service account and one of its live API keys, by HTTP Basic or as `client_id` \
            and `client_secret`.";
    /// A grant type of OAuth 2.0 that there is not here.
    GrantTypeUnsupported => BAD_REQUEST, "grant_type_unsupported", "The grant type is not supported",
        "Send `password`, `refresh_token` or `client_credentials`.";
    /// A scope that there is not, or that the client's key does not grant.
    ScopeInvalid => BAD_REQUEST, "scope_invalid", "The scope is unknown or more than the client may have",
        "Name permissions that the key grants, with spaces between them, or leave `scope` out to get all \
            of them.";
    /// A token whose holder cannot revoke it.
    TokenTypeUnsupported => BAD_REQUEST, "token_type_unsupported", "Such a token ends with its API key",
        "Revoke the key itself: DELETE /service-accounts/{id}/keys/{key_id}.";
    /// The caller is known and may not do this.
    PermissionDenied => FORBIDDEN, "permission_denied", "You may not do this",
        "Ask an administrator for the permission, or to do it for you.";
    /// Registration is for administrators.
    RegistrationClosed => FORBIDDEN, "registration_closed", "Registration is closed",
        "Ask an administrator to make the account: that needs `users:create`.";
    /// The right password, and a disabled account.
    AccountDisabled => FORBIDDEN, "account_disabled", "The account is disabled",
        "Ask an administrator to enable it.";
    /// The right password, and an account that is not active yet.
    AccountPending => FORBIDDEN, "account_pending", "The account is not active yet",
        "Ask an administrator to activate it.";
    /// A temporary password: its owner has to replace it before anything else.
    PasswordChangeRequired => FORBIDDEN, "password_change_required", "The password has to be changed first",
        "An administrator asks for a new one. Send PUT /users/me/password with a `password` of your own, and with the \
            `current_password` where the token is not from a login since then; nothing else is allowed before.";
    /// A password change with the wrong present password.
    CurrentPasswordWrong => FORBIDDEN, "current_password_wrong", "The current password is wrong",
        "Send the present password as `current_password`. The password was not changed.";
    /// A page asks whether it may call, and may not (CORS).
    PreflightRefused => FORBIDDEN, "preflight_refused", "Pages of other origins may not do this",
        "The page's origin is not among `cors.allowed_origins`, where whoever runs the server can name it: scheme, host \
            and port, letter by letter.";
    /// Nothing lives at this path.
    NotFound => NOT_FOUND, "not_found", "Nothing is here",
        "Check the path, in which letter case and slashes count; /docs shows every path that there is.";
    /// No user has this id.
    UserNotFound => NOT_FOUND, "user_not_found", "There is no such user",
        "Check the id, or look for the user with GET /users: they may have been deleted.";
    /// No service account has this id.
    ServiceAccountNotFound => NOT_FOUND, "service_account_not_found", "There is no such service account",
        "Check the id, or look for it with GET /service-accounts: it may have been deleted.";
    /// The service account has no key of this id.
    ApiKeyNotFound => NOT_FOUND, "api_key_not_found", "There is no such API key",
        "Check the id; GET /service-accounts/{id}/keys lists the keys of the account.";
    /// The user has no session with this id, or none at all.
    SessionNotFound => NOT_FOUND, "session_not_found", "There is no such session",
        "It may have ended already; GET /users/{id}/sessions lists those that go on.";
    /// The path exists, the method does not.
    MethodNotAllowed => METHOD_NOT_ALLOWED, "method_not_allowed", "The method is not allowed here",
        "Use one of those that the header `Allow` names.";
    /// The client takes no JSON, and JSON is all there is.
    NotAcceptable => NOT_ACCEPTABLE, "not_acceptable", "Only application/json is to be had here",
        "Name application/json in `Accept`, or leave that header out.";
    /// The body did not arrive in time.
    RequestTimeout => REQUEST_TIMEOUT, "request_timeout", "The body took too long to arrive",
        "Send the request again, and its body without a pause.";
    /// Another user has this username.
    UsernameTaken => CONFLICT, "username_taken", "The username is taken",
        "Choose another one. Upper and lower case make no difference.";
    /// Another user has this address.
    EmailTaken => CONFLICT, "email_taken", "The email address is taken",
        "Give another one: an address belongs to one user only.";
    /// Another user has this external id.
    ExternalIdTaken => CONFLICT, "external_id_taken", "The external id is taken",
        "Give another one, or change the user who has it: GET /users?external_id=… finds them.";
    /// Another service account has this name.
    NameTaken => CONFLICT, "name_taken", "The name is taken",
        "Choose another one; GET /service-accounts lists those that are taken.";
    /// Another key has taken the place of this one already.
    ApiKeyReplaced => CONFLICT, "api_key_replaced", "The API key has been rotated already",
        "Another key has taken its place, which its `replaced_by` names: rotate that one.";
    /// The key's time is over, so that there is nothing to rotate.
    ApiKeyEnded => CONFLICT, "api_key_ended", "The API key has ended",
        "A key that has ended is not rotated: make another with POST /service-accounts/{id}/keys.";
    /// The service account has as many live keys as one may have.
    TooManyApiKeys => CONFLICT, "api_keys_too_many", "The service account has no room for another key",
        "Revoke one that is not used any more.";
    /// The last active administrator must remain one.
    LastAdministrator => CONFLICT, "last_administrator", "The last active administrator must remain",
        "Give another active user the role `admin` first; nothing was changed.";
    /// The user was changed meanwhile, again and again.
    ChangedMeanwhile => CONFLICT, "changed_meanwhile", "The user was changed at the same time",
        "Nothing was changed by this request. Read the present state, and send the request again.";
    /// `If-Match` names another version.
    PreconditionFailed => PRECONDITION_FAILED, "precondition_failed", "It has another version by now",
        "Somebody changed it meanwhile, or If-Match holds no ETag of it. Read it again, and send \
            the ETag that comes with it.";
    /// No `If-Match`, where a setting asks for one (RFC 6585, section 3).
    PreconditionRequired => PRECONDITION_REQUIRED, "precondition_required", "A change needs an If-Match",
        "Read it first, and send the ETag that comes with it as If-Match.";
    /// More bytes than the limit.
    BodyTooLarge => PAYLOAD_TOO_LARGE, "body_too_large", "The body is too large",
        "Send less at once.";
    /// A content type or content coding that the operation does not take.
    MediaTypeUnsupported => UNSUPPORTED_MEDIA_TYPE, "media_type_unsupported", "The content type is not supported",
        "Name the type of the body in `Content-Type`, and send it without a content coding.";
    /// More attempts than the limits allow. `Retry-After` says how long to wait.
    TooManyRequests => TOO_MANY_REQUESTS, "too_many_requests", "Too many attempts; wait a little",
        "Try again after as many seconds as `Retry-After` says.";
    /// A defect in Roster. The log has the details under the request id.
    Internal => INTERNAL_SERVER_ERROR, "internal_error", "Something went wrong on our side",
        "Try again later. If it stays, give the `request_id` to whoever runs the server: the log tells \
            more.";
    /// The store cannot take the request now.
    Unavailable => SERVICE_UNAVAILABLE, "unavailable", "The server cannot do this right now",
        "Try again after as many seconds as `Retry-After` says. GET /health tells whoever runs the server \
            which part fails.";
    /// Too many passwords wait to be checked.
    Busy => SERVICE_UNAVAILABLE, "busy", "Too many passwords wait to be checked",
        "Try again after as many seconds as `Retry-After` says.";
    /// The write may or may not have happened: the disk or the connection failed in the middle.
    OutcomeUnknown => SERVICE_UNAVAILABLE, "outcome_unknown", "It is not known whether the change was kept",
        "Look whether it was before you send the request again.";
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

    /// What to do about it, where nothing nearer is known of the occurrence.
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
    fn no_two_problems_share_a_code() {
        let codes: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(codes.len(), Code::ALL.len());
    }

    #[test]
    fn every_problem_has_a_sentence_that_says_more_than_its_title() {
        for code in Code::ALL {
            assert!(code.detail().ends_with('.') && code.detail() != code.title(), "{code:?}");
        }
    }

    #[test]
    fn every_status_is_an_error() {
        assert!(Code::ALL.iter().all(|code| code.status().as_u16() >= 400));
    }
}
