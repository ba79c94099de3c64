//! Somebody with an account.

use serde_json::Value;

/// Somebody with an account and an access token.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their id.
    pub id: String,
    /// Their username.
    pub username: String,
    /// Their present access token.
    pub token: String,
    /// Their present refresh token.
    pub refresh_token: String,
}

impl Person {
    /// The path of their account.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/users/{}", self.id)
    }

    pub(crate) fn of(login: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let user = &login["user"];
        Self {
            id: text(&user["id"]),
            username: text(&user["username"]),
            token: text(&login["access_token"]),
            refresh_token: text(&login["refresh_token"]),
        }
    }
}
