//! An old system in memory.

use parking_lot::{Condvar, Mutex};
use roster_auth::password::Password;
use roster_service::{NoAnswer, OldSystem, OldSystemAnswer};
use serde_json::Value;
use std::collections::BTreeMap;

/// Answers by exact login names and passwords, and remembers the questions.
#[derive(Default)]
pub(super) struct FakeOldSystem {
    people: Mutex<BTreeMap<String, (String, String)>>,
    asked: Mutex<Vec<(String, String)>>,
    held: Mutex<bool>,
    released: Condvar,
}

impl FakeOldSystem {
    pub(super) fn add(&self, login: &str, password: &str, user: &Value) {
        self.people.lock().insert(login.to_owned(), (password.to_owned(), user.to_string()));
    }

    /// The questions so far, as login names and passwords.
    pub(super) fn asked(&self) -> Vec<(String, String)> {
        self.asked.lock().clone()
    }

    /// Answers nothing until [`Self::release`].
    pub(super) fn hold(&self) {
        *self.held.lock() = true;
    }

    pub(super) fn release(&self) {
        *self.held.lock() = false;
        self.released.notify_all();
    }

    /// Waits until there were so many questions.
    pub(super) async fn asked_times(&self, times: usize) {
        while self.asked.lock().len() < times {
            tokio::task::yield_now().await;
        }
    }
}

impl OldSystem for FakeOldSystem {
    fn verify(&self, login: &str, password: &Password) -> Result<OldSystemAnswer, NoAnswer> {
        let password = password.expose_as_typed();
        self.asked.lock().push((login.to_owned(), password.to_owned()));
        let mut held = self.held.lock();
        self.released.wait_while(&mut held, |held| *held);
        match self.people.lock().get(login) {
            Some((right, _)) if right != password => Ok(OldSystemAnswer::Invalid),
            Some((_, user)) if user == "null" => Err(NoAnswer("it is down".into())),
            Some((_, user)) => Ok(OldSystemAnswer::Valid { user: user.clone() }),
            None => Ok(OldSystemAnswer::Invalid),
        }
    }
}
