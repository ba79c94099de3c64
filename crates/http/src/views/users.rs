//! Users.

use super::values::{
    CursorText, Nullable, NullableRfc3339, Rfc3339, Serialized, StatusName, serialized_by_fields,
};
use paperclip::actix::Apiv2Schema;
use roster_domain::{
    Attributes, DisplayName, EmailAddress, ExternalId, PendingReasons, Principal, RoleSet, User, UserId,
    Username, Version, policy,
};
use serde::Serialize;
use std::sync::Arc;

/// A user as a client sees them, without the password hash.
pub(crate) struct UserView(VisibleUser);

/// A user, and what only some callers see.
struct VisibleUser {
    user: Arc<User>,
    pending_reasons: Option<PendingReasons>,
}

/// A user account.
#[derive(Serialize, Apiv2Schema)]
#[openapi(
    rename = "User",
    example = r#"{
        "id": "0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8", "username": "ada", "email": "ada@example.org",
        "email_verified": false, "display_name": "Ada Lovelace", "status": "active",
        "pending_reasons": null, "roles": ["user"], "must_change_password": false, "attributes": {"team": "engines"}, "external_id": null, "created_at": "2026-03-01T09:30:00.000000Z",
        "updated_at": "2026-03-01T09:30:00.000000Z", "last_login_at": null, "version": 1
    }"#
)]
struct UserFields<'a> {
    /// Never changes and is never reused.
    id: Serialized<'a, UserId>,
    /// The name to log in with, as typed.
    username: Serialized<'a, Username>,
    /// The email address.
    email: Nullable<'a, EmailAddress>,
    /// Whether the address was verified.
    email_verified: bool,
    /// The name to display.
    display_name: Nullable<'a, DisplayName>,
    /// Only active users can log in.
    status: StatusName,
    /// Why the user is pending. Setting a password resolves `no_password`; an administrator resolves the others by
    /// activating the user. Null unless the user is pending and you have `users:read`.
    pending_reasons: Nullable<'a, PendingReasons>,
    /// The roles, which grant permissions. An unknown role grants nothing.
    roles: Serialized<'a, RoleSet>,
    /// Whether the password is temporary, so that the user must replace it before anything else.
    must_change_password: bool,
    /// What the organisation stores about the user: any JSON object.
    attributes: Serialized<'a, Attributes>,
    /// The user's id in another system.
    external_id: Nullable<'a, ExternalId>,
    /// When the account was created.
    created_at: Rfc3339,
    /// When the profile was last changed.
    updated_at: Rfc3339,
    /// The time of the last login.
    last_login_at: NullableRfc3339,
    /// Counts the changes to the profile. It is part of the `ETag`.
    version: Serialized<'a, Version>,
}

/// One page of the list of users.
#[derive(Serialize, Apiv2Schema)]
#[openapi(rename = "UserPage")]
pub(crate) struct UserPage {
    /// The users, in the requested order.
    data: Vec<UserView>,
    /// Where the next page starts; null on the last page.
    next_cursor: CursorText,
    /// Whether there is a next page.
    has_more: bool,
}

impl UserView {
    /// The user as `principal` sees them.
    pub(crate) fn new(user: Arc<User>, principal: &Principal) -> Self {
        let pending_reasons = policy::visible_pending_reasons(principal, &user);
        Self(VisibleUser { user, pending_reasons })
    }

    /// An active user as they see themselves.
    pub(crate) const fn of_active(user: Arc<User>) -> Self {
        Self(VisibleUser { user, pending_reasons: None })
    }

    pub(crate) const fn user(&self) -> &Arc<User> {
        &self.0.user
    }

    /// Whether it shows what only some callers see.
    pub(crate) const fn is_privileged(&self) -> bool {
        self.0.pending_reasons.is_some()
    }
}

impl<'a> UserFields<'a> {
    fn of(VisibleUser { user, pending_reasons }: &'a VisibleUser) -> Self {
        Self {
            id: Serialized(&user.id),
            username: Serialized(&user.username),
            email: Nullable(user.email.as_ref()),
            email_verified: user.email_verified,
            display_name: Nullable(user.display_name.as_ref()),
            status: StatusName(user.status.kind()),
            pending_reasons: Nullable(pending_reasons.as_ref()),
            roles: Serialized(user.roles()),
            must_change_password: user.must_change_password,
            attributes: Serialized(&user.attributes),
            external_id: Nullable(user.external_id.as_ref()),
            created_at: Rfc3339(user.created_at),
            updated_at: Rfc3339(user.updated_at),
            last_login_at: NullableRfc3339(user.last_login_at.map(Rfc3339)),
            version: Serialized(&user.version),
        }
    }
}

impl UserPage {
    /// The page as `principal` sees it.
    pub(crate) fn new(users: Vec<Arc<User>>, next_cursor: Option<String>, principal: &Principal) -> Self {
        let has_more = next_cursor.is_some();
        Self {
            data: users.into_iter().map(|user| UserView::new(user, principal)).collect(),
            next_cursor: CursorText(next_cursor),
            has_more,
        }
    }
}

serialized_by_fields! {
    UserView => UserFields;
}
