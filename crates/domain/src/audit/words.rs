//! The words of the audit log: what was done, how it ended, and which fields changed.

use crate::names::named;

named! {
    /// What was done.
    Action, "action", "action_invalid" {
        /// A person registered, or was created by somebody.
        UserCreated => "user_created",
        /// A person came from another system's file.
        UserImported => "user_imported",
        /// Somebody tried to read a profile; kept in the log only if it was denied.
        UserRead => "user_read",
        /// A profile was changed.
        UserUpdated => "user_updated",
        /// A person's data was erased.
        UserDeleted => "user_deleted",
        /// The delays after failed logins at a person's names were lifted.
        UserUnlocked => "user_unlocked",
        /// A password was set or replaced.
        PasswordChanged => "password_changed",
        /// Somebody logged in, or tried to.
        LoggedIn => "logged_in",
        /// A session was continued with its refresh token, or somebody tried to.
        SessionRefreshed => "session_refreshed",
        /// Somebody tried to list a person's sessions; kept in the log only if it was denied.
        SessionsRead => "sessions_read",
        /// A session was ended: logged out, or revoked by somebody.
        SessionRevoked => "session_revoked",
        /// Every session of a person was ended, but perhaps the one that asked.
        SessionsRevoked => "sessions_revoked",
        /// A service account was made.
        ServiceAccountCreated => "service_account_created",
        /// A service account was changed.
        ServiceAccountUpdated => "service_account_updated",
        /// A service account was deleted, and its keys with it.
        ServiceAccountDeleted => "service_account_deleted",
        /// A service account got another API key.
        ApiKeyCreated => "api_key_created",
        /// An API key was replaced by another.
        ApiKeyRotated => "api_key_rotated",
        /// An API key was ended.
        ApiKeyRevoked => "api_key_revoked",
        /// A key for access tokens was made.
        KeyGenerated => "key_generated",
        /// A key began to sign access tokens.
        KeyActivated => "key_activated",
        /// A key ceased to sign access tokens.
        KeyRetired => "key_retired",
        /// A key's access tokens ceased to be accepted.
        KeyRevoked => "key_revoked",
        /// An edit of users.json made while Roster was stopped was taken over.
        EditAdopted => "edit_adopted",
        /// The audit log went on in a fresh file.
        AuditRotated => "audit_rotated",
        /// A backup was restored.
        Restored => "restored",
    }
}

named! {
    /// How it ended.
    Outcome, "outcome", "outcome_invalid" {
        /// It was done.
        Success => "success",
        /// The credentials were wrong.
        BadCredentials => "bad_credentials",
        /// The credentials were right, the account may not log in.
        NotActive => "not_active",
        /// The credentials were right, but the password is a temporary one: nothing is allowed before it is replaced.
        PasswordChangeRequired => "password_change_required",
        /// A refresh token was used a second time, which ended its session.
        TokenReused => "token_reused",
        /// Whoever tried it was known, and not allowed to.
        Denied => "denied",
    }
}

named! {
    /// A field of a user or of a service account that can be written.
    Field, "field", "field_invalid" {
        /// `username`
        Username => "username",
        /// `email`
        Email => "email",
        /// `email_verified`
        EmailVerified => "email_verified",
        /// `display_name`
        DisplayName => "display_name",
        /// `status`
        Status => "status",
        /// `roles`
        Roles => "roles",
        /// `attributes`
        Attributes => "attributes",
        /// `external_id`
        ExternalId => "external_id",
        /// `must_change_password`
        MustChangePassword => "must_change_password",
        /// `password`
        Password => "password",
        /// `name` of a service account
        Name => "name",
        /// `description` of a service account
        Description => "description",
        /// `permissions` of a service account
        Permissions => "permissions",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_log_are_those_of_its_files() {
        for action in Action::ALL {
            assert_eq!(serde_json::to_value(action).unwrap(), action.as_str());
            assert_eq!(action.as_str().parse(), Ok(action));
        }
        for outcome in Outcome::ALL {
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.as_str());
        }
        assert!("user_made".parse::<Action>().unwrap_err().to_string().contains("user_created"));
    }
}
