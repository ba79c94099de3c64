//! Which operation refuses with which codes.
//!
//! An extractor knows what it refuses and says so with [`refuses`]; what a use case refuses stands in
//! [`of_use_case`]. Both leave the codes in the response's description, for the finishing pass to spell out.

use crate::openapi::schema;
use crate::problem::{Code, Problem, ProblemView};
use paperclip::v2::models::{DefaultOperationRaw, DefaultResponseRaw, DefaultSchemaRaw, Either};
use paperclip::v2::schema::{Apiv2Errors, Apiv2Schema};
use std::collections::BTreeMap;

/// Notes that an operation may answer with these codes.
pub(crate) fn refuses(operation: &mut DefaultOperationRaw, codes: &[Code]) {
    for code in codes {
        let status = code.status().as_str().to_owned();
        let entry =
            operation.responses.entry(status).or_insert_with(|| Either::Right(DefaultResponseRaw::default()));
        let Some(response) = entry.right_mut() else { continue };
        let noted = response.description.get_or_insert_default();
        if !noted.split(' ').any(|known| known == code.as_str()) {
            noted.push_str(if noted.is_empty() { "" } else { " " });
            noted.push_str(code.as_str());
        }
    }
}

/// What no extractor can know: the rules behind the operation.
fn of_use_case(operation: &str) -> &'static [Code] {
    match operation {
        "registerUser" => &[
            Code::TooManyRequests,
            Code::LoginTooOld,
            Code::PermissionDenied,
            Code::RegistrationClosed,
            Code::UsernameTaken,
            Code::EmailTaken,
            Code::ExternalIdTaken,
            Code::Unavailable,
            Code::Busy,
            Code::OutcomeUnknown,
        ],
        "listUsers" | "listServiceAccounts" | "readAudit" => &[Code::CursorInvalid, Code::Unavailable],
        "readUser" | "listSessions" | "readServiceAccount" | "listApiKeys" | "readApiKey" | "readHealth"
        | "readReadiness" => &[Code::Unavailable],
        "replaceUser" | "patchUser" => &[
            Code::LoginTooOld,
            Code::UsernameTaken,
            Code::EmailTaken,
            Code::ExternalIdTaken,
            Code::LastAdministrator,
            Code::ChangedMeanwhile,
            Code::Unavailable,
            Code::OutcomeUnknown,
        ],
        "deleteUser" => &[
            Code::LoginTooOld,
            Code::LastAdministrator,
            Code::ChangedMeanwhile,
            Code::Unavailable,
            Code::OutcomeUnknown,
        ],
        "unlockUser" => &[Code::ChangedMeanwhile, Code::Unavailable, Code::OutcomeUnknown],
        "changePassword" => &[
            Code::TooManyRequests,
            Code::LoginTooOld,
            Code::CurrentPasswordWrong,
            Code::ChangedMeanwhile,
            Code::Unavailable,
            Code::Busy,
            Code::OutcomeUnknown,
        ],
        "logIn" => &[
            Code::TooManyRequests,
            Code::CredentialsInvalid,
            Code::AccountDisabled,
            Code::AccountPending,
            Code::Unavailable,
            Code::Busy,
            Code::OutcomeUnknown,
        ],
        "refreshSession" => &[
            Code::TooManyRequests,
            Code::RefreshTokenInvalid,
            Code::PasswordChangeRequired,
            Code::ChangedMeanwhile,
            Code::Unavailable,
            Code::OutcomeUnknown,
        ],
        "logOut" => &[Code::SessionNotFound, Code::Unavailable, Code::OutcomeUnknown],
        "revokeSession" | "revokeSessions" => &[Code::Unavailable, Code::OutcomeUnknown],
        "readMetrics" => &[Code::PermissionDenied, Code::NotFound],
        "readDocsAsset" => &[Code::NotFound],
        _ => of_machines(operation),
    }
}

/// The same, for service accounts and their keys.
fn of_machines(operation: &str) -> &'static [Code] {
    match operation {
        "createServiceAccount" => {
            &[Code::LoginTooOld, Code::NameTaken, Code::Unavailable, Code::OutcomeUnknown]
        }
        "patchServiceAccount" => &[
            Code::LoginTooOld,
            Code::NameTaken,
            Code::ChangedMeanwhile,
            Code::Unavailable,
            Code::OutcomeUnknown,
        ],
        "deleteServiceAccount" | "revokeApiKey" => {
            &[Code::LoginTooOld, Code::ChangedMeanwhile, Code::Unavailable, Code::OutcomeUnknown]
        }
        "createApiKey" => &[
            Code::LoginTooOld,
            Code::TooManyApiKeys,
            Code::ChangedMeanwhile,
            Code::Unavailable,
            Code::OutcomeUnknown,
        ],
        "rotateApiKey" => &[
            Code::LoginTooOld,
            Code::ApiKeyReplaced,
            Code::ApiKeyEnded,
            Code::TooManyApiKeys,
            Code::ChangedMeanwhile,
            Code::Unavailable,
            Code::OutcomeUnknown,
        ],
        _ => of_oauth(operation),
    }
}

/// The same, for what clients of OAuth 2.0 use.
fn of_oauth(operation: &str) -> &'static [Code] {
    match operation {
        "issueToken" => &[
            Code::GrantTypeUnsupported,
            Code::ScopeInvalid,
            Code::CredentialsInvalid,
            Code::RefreshTokenInvalid,
            Code::AccountDisabled,
            Code::AccountPending,
            Code::PasswordChangeRequired,
            Code::ChangedMeanwhile,
            Code::TooManyRequests,
            Code::Unavailable,
            Code::Busy,
            Code::OutcomeUnknown,
        ],
        "introspectToken" => {
            &[Code::AuthenticationRequired, Code::PermissionDenied, Code::TooManyRequests, Code::Unavailable]
        }
        "revokeToken" => {
            &[Code::TokenTypeUnsupported, Code::TooManyRequests, Code::Unavailable, Code::OutcomeUnknown]
        }
        _ => &[],
    }
}

impl Apiv2Errors for Problem {
    fn update_error_definitions(operation: &mut DefaultOperationRaw) {
        let name = operation.operation_id.clone().unwrap_or_default();
        refuses(operation, of_use_case(&name));
        refuses(operation, &[Code::Internal]);
    }

    fn update_definitions(definitions: &mut BTreeMap<String, DefaultSchemaRaw>) {
        schema::define(ProblemView::raw_schema(), definitions);
    }
}
