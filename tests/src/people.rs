//! The people of the tests.

use crate::client::Client;
use crate::person::Person;
use serde_json::{Value, json};

/// The first administrator's username.
pub const ADMIN: &str = "site-admin";
/// The first administrator's password.
pub const ADMIN_PASSWORD: &str = "first of all, be kind";
/// Everybody else's password.
pub const PASSWORD: &str = "nine purple kettles";

impl Client {
    /// Registers somebody with an address of their own and [`PASSWORD`], and logs them in.
    #[must_use]
    pub fn register(&self, username: &str) -> Person {
        let _ = self.register_only(username);
        self.log_in(username, PASSWORD)
    }

    /// Registers somebody, and gives back what the server shows of them.
    #[must_use]
    pub fn register_only(&self, username: &str) -> Value {
        let email = format!("{username}@example.org");
        let body = json!({ "username": username, "email": email, "password": PASSWORD });
        self.post("/users").json(body).send_patiently().must_be(201).json()
    }

    /// Logs somebody in.
    #[must_use]
    pub fn log_in(&self, login: &str, password: &str) -> Person {
        let body = json!({ "login": login, "password": password });
        Person::of(&self.post("/auth/login").json(body).send_patiently().must_be(200).json())
    }

    /// Goes on with a refresh token.
    #[must_use]
    pub fn refresh(&self, refresh_token: &str) -> Person {
        Person::of(&self.try_refresh(refresh_token).must_be(200).json())
    }

    /// Tries to go on with a refresh token, and gives back whatever comes.
    #[must_use]
    pub fn try_refresh(&self, refresh_token: &str) -> crate::Answer {
        self.post("/auth/refresh").json(json!({ "refresh_token": refresh_token })).send()
    }

    /// Tries to log in, and gives back whatever comes.
    #[must_use]
    pub fn try_log_in(&self, login: &str, password: &str) -> crate::Answer {
        let body = json!({ "login": login, "password": password });
        self.post("/auth/login").json(body).send_patiently()
    }

    /// Logs the first administrator in.
    #[must_use]
    pub fn admin(&self) -> Person {
        self.log_in(ADMIN, ADMIN_PASSWORD)
    }

    /// Makes and logs in another administrator.
    #[must_use]
    pub fn register_admin(&self, username: &str) -> Person {
        let body = json!({ "username": username, "password": PASSWORD, "roles": ["admin"] });
        self.post("/users").by(&self.admin()).json(body).send_patiently().must_be(201);
        self.log_in(username, PASSWORD)
    }
}
