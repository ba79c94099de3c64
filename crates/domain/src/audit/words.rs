//! The vocabulary of the audit log: actions and outcomes.

use crate::names::named;

named! {
    /// What was done. New actions come at the end.
    #[non_exhaustive]
    Action, "action", "action_invalid" {
        /// A user registered, or was created by an administrator.
        UserCreated => "user_created",
        /// A user was imported from another system's file.
        UserImported => "user_imported",
        /// Someone tried to read a profile; recorded only if it was denied.
        UserRead => "user_read",
        /// A profile was changed.
        UserUpdated => "user_updated",
        /// A user was deleted.
        UserDeleted => "user_deleted",
        /// The delays after failed logins were lifted for a user.
        UserUnlocked => "user_unlocked",
        /// A password was set or replaced.
        PasswordChanged => "password_changed",
        /// A user logged in, or someone tried to.
        LoggedIn => "logged_in",
        /// A session was continued with its refresh token, or someone tried to.
        SessionRefreshed => "session_refreshed",
        /// Someone tried to list a user's sessions; recorded only if it was denied.
        SessionsRead => "sessions_read",
        /// A session was ended by a logout or revoked.
        SessionRevoked => "session_revoked",
        /// All sessions of a user were revoked, possibly except the calling one.
        SessionsRevoked => "sessions_revoked",
        /// A service account was created.
        ServiceAccountCreated => "service_account_created",
        /// A service account was changed.
        ServiceAccountUpdated => "service_account_updated",
        /// A service account was deleted, and its keys with it.
        ServiceAccountDeleted => "service_account_deleted",
        /// An API key was created for a service account.
        ApiKeyCreated => "api_key_created",
        /// An API key was replaced by another.
        ApiKeyRotated => "api_key_rotated",
        /// An API key was revoked.
        ApiKeyRevoked => "api_key_revoked",
        /// A signing key was generated.
        KeyGenerated => "key_generated",
        /// A signing key started to sign access tokens.
        KeyActivated => "key_activated",
        /// A signing key stopped signing access tokens.
        KeyRetired => "key_retired",
        /// The access tokens of a signing key stopped being accepted.
        KeyRevoked => "key_revoked",
        /// An edit of users.json made while Roster was stopped was adopted.
        EditAdopted => "edit_adopted",
        /// The audit log continued in a new file.
        AuditRotated => "audit_rotated",
        /// A backup was restored.
        Restored => "restored",
        /// A user logged in for the first time, with a password that the old system confirmed.
        UserMigrated => "user_migrated",
        /// Users were exported over HTTP, without their password hashes.
        UsersExported => "users_exported",
        /// Users were exported over HTTP, with their password hashes.
        UserHashesExported => "user_hashes_exported",
        /// An import was started over HTTP.
        ImportStarted => "import_started",
        /// An import was cancelled over HTTP.
        ImportCancelled => "import_cancelled",
    }
}

named! {
    /// The outcome of an action.
    Outcome, "outcome", "outcome_invalid" {
        /// The action succeeded.
        Success => "success",
        /// The credentials were wrong.
        BadCredentials => "bad_credentials",
        /// The credentials were right, but the account may not log in.
        NotActive => "not_active",
        /// The credentials were right, but the password is temporary: it has to be replaced first.
        PasswordChangeRequired => "password_change_required",
        /// A refresh token was reused, which ended its session.
        TokenReused => "token_reused",
        /// The caller was known, but not allowed to.
        Denied => "denied",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_the_log_are_those_of_its_files() {
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
