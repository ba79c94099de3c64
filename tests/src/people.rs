//! The users in tests.

use crate::client::Client;
use crate::person::Person;
use serde_json::{Value, json};

/// The first administrator's username.
pub const ADMIN: &str = "site-admin";
/// The first administrator's password.
pub const ADMIN_PASSWORD: &str = "first of all, be kind";
/// The password of all other users.
pub const PASSWORD: &str = "nine purple kettles";

impl Client {
    /// Registers a user with [`PASSWORD`] and their own email address, and logs in.
    #[must_use]
    pub fn register(&self, username: &str) -> Person {
        let _ = self.register_only(username);
        self.log_in(username, PASSWORD)
    }

    /// Registers a user and returns the response body.
    #[must_use]
    pub fn register_only(&self, username: &str) -> Value {
        let email = format!("{username}@example.org");
        let body = json!({ "username": username, "email": email, "password": PASSWORD });
        self.post("/users").json(body).send_with_retries().must_be(201).json()
    }

    /// Logs a user in.
    #[must_use]
    pub fn log_in(&self, login: &str, password: &str) -> Person {
        let body = json!({ "login": login, "password": password });
        Person::from_login(&self.post("/auth/login").json(body).send_with_retries().must_be(200).json())
    }

    /// Refreshes the tokens of a session.
    #[must_use]
    pub fn refresh(&self, refresh_token: &str) -> Person {
        Person::from_login(&self.try_refresh(refresh_token).must_be(200).json())
    }

    /// Tries to refresh the tokens of a session, and returns the response.
    #[must_use]
    pub fn try_refresh(&self, refresh_token: &str) -> crate::Response {
        self.post("/auth/refresh").json(json!({ "refresh_token": refresh_token })).send()
    }

    /// Tries to log in, and returns the response.
    #[must_use]
    pub fn try_log_in(&self, login: &str, password: &str) -> crate::Response {
        let body = json!({ "login": login, "password": password });
        self.post("/auth/login").json(body).send_with_retries()
    }

    /// Logs the first administrator in.
    #[must_use]
    pub fn admin(&self) -> Person {
        self.log_in(ADMIN, ADMIN_PASSWORD)
    }

    /// Creates another administrator and logs in.
    #[must_use]
    pub fn register_admin(&self, username: &str) -> Person {
        let body = json!({ "username": username, "password": PASSWORD, "roles": ["admin"] });
        self.post("/users").by(&self.admin()).json(body).send_with_retries().must_be(201);
        self.log_in(username, PASSWORD)
    }
}
