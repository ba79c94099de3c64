//! What is shown of people.

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

/// A user as clients see them: never the hash.
pub(crate) struct UserView(SeenUser);

/// A user, and what of them not every caller sees.
struct SeenUser {
    user: Arc<User>,
    pending_reasons: Option<PendingReasons>,
}

/// A person with an account.
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
    /// Never changes, never used again.
    id: Serialized<'a, UserId>,
    /// The name to log in with, as it was typed.
    username: Serialized<'a, Username>,
    /// Where mail goes.
    email: Nullable<'a, EmailAddress>,
    /// Whether the address is known to be theirs.
    email_verified: bool,
    /// What they are called on screen.
    display_name: Nullable<'a, DisplayName>,
    /// Only an active user can log in.
    status: StatusName,
    /// Why they are pending: the lack of a password ends by setting one, the others when an administrator activates
    /// them. Null unless they are pending and you hold `users:read`.
    pending_reasons: Nullable<'a, PendingReasons>,
    /// What they may do. A name that no role has grants nothing.
    roles: Serialized<'a, RoleSet>,
    /// Whether their password is a temporary one, which they have to replace before anything else.
    must_change_password: bool,
    /// What the organisation keeps about them: any JSON object.
    attributes: Serialized<'a, Attributes>,
    /// What another system calls them.
    external_id: Nullable<'a, ExternalId>,
    /// When the account was made.
    created_at: Rfc3339,
    /// When the profile was last changed.
    updated_at: Rfc3339,
    /// When they last logged in.
    last_login_at: NullableRfc3339,
    /// Counts the changes to the profile; it is the `ETag`.
    version: Serialized<'a, Version>,
}

/// A part of a list.
#[derive(Serialize, Apiv2Schema)]
#[openapi(rename = "UserPage")]
pub(crate) struct UserPage {
    /// The users, in the order that was asked for.
    data: Vec<UserView>,
    /// Where the next page starts; null on the last.
    next_cursor: CursorText,
    /// Whether there is a next page.
    has_more: bool,
}

impl UserView {
    /// As `principal` sees them.
    pub(crate) fn new(user: Arc<User>, principal: &Principal) -> Self {
        let pending_reasons = policy::visible_pending_reasons(principal, &user);
        Self(SeenUser { user, pending_reasons })
    }

    /// As somebody who is active sees themselves.
    pub(crate) const fn of_active(user: Arc<User>) -> Self {
        Self(SeenUser { user, pending_reasons: None })
    }
}

impl<'a> UserFields<'a> {
    fn of(SeenUser { user, pending_reasons }: &'a SeenUser) -> Self {
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
    /// As `principal` sees them.
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
