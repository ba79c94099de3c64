//! A logged-in user.

use serde_json::Value;

/// A logged-in user with tokens.
#[derive(Clone, Debug)]
pub struct Person {
    /// The user id.
    pub id: String,
    /// The username.
    pub username: String,
    /// The current access token.
    pub token: String,
    /// The current refresh token.
    pub refresh_token: String,
}

impl Person {
    /// The path of the user.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/users/{}", self.id)
    }

    pub(crate) fn from_login(login: &Value) -> Self {
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
