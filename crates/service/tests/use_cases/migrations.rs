//! Logins of people whom only the old system knows.

mod answers;
mod old_system;
mod questions;

use crate::fixtures::import;
use crate::kit::{App, app_with_migration};
use old_system::FakeOldSystem;
use roster_domain::{Login, User};
use roster_service::{ImportMode, LimitSettings, Migration};
use roster_storage::Store;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(1);
const OLD: &str = "the password in the old system";

/// An application that asks an old system, in which `user` has the login name `login` and the password [`OLD`].
fn app_asking(login: &str, user: &Value) -> (App, Arc<FakeOldSystem>) {
    app_asking_within(None, login, user)
}

fn app_asking_within(limits: Option<LimitSettings>, login: &str, user: &Value) -> (App, Arc<FakeOldSystem>) {
    let old = Arc::new(FakeOldSystem::default());
    old.add(login, OLD, user);
    let migration = Migration { old_system: old.clone(), timeout: TIMEOUT };
    (app_with_migration(limits, migration), old)
}

/// Ada as the old system describes her.
fn ada() -> Value {
    json!({ "id": 17, "username": "ada", "email": "ada@example.com", "display_name": "Ada L." })
}

impl App {
    async fn user_by_login(&self, login: &str) -> Option<Arc<User>> {
        self.store.user_by_login(&Login::new(login)).await.unwrap()
    }

    /// Imports one record and returns the user.
    async fn import_one(&self, record: &Value, login: &str) -> Arc<User> {
        import(self, &serde_json::to_vec(&[record]).unwrap(), ImportMode::Write).await;
        self.user_by_login(login).await.unwrap()
    }
}
