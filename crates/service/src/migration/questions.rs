//! Asks the old system, a bounded number of times at once.

use super::old_system::{Migration, NoAnswer, OldSystemAnswer};
use crate::{QuestionOutcome, Roster};
use roster_auth::password::Password;
use std::sync::Arc;

impl Roster {
    /// Asks the old system. Returns the person in its answer as JSON, or `None` if the password is wrong or there is no
    /// answer within [`Migration::timeout`].
    pub(super) async fn ask(
        &self,
        migration: &Migration,
        login: &str,
        password: &Arc<Password>,
    ) -> Option<String> {
        let (outcome, user) = self.answer(migration, login, password).await;
        self.counters().count_question(outcome);
        user
    }

    async fn answer(
        &self,
        migration: &Migration,
        login: &str,
        password: &Arc<Password>,
    ) -> (QuestionOutcome, Option<String>) {
        let Some(permit) = self.questions().open() else {
            tracing::warn!("the old system was not asked: too many questions are open");
            return (QuestionOutcome::PoolFull, None);
        };
        let (old_system, password) = (Arc::clone(&migration.old_system), Arc::clone(password));
        let login = login.to_owned();
        let question = tokio::task::spawn_blocking(move || {
            // The question may outlive the wait for it, and counts until it ends.
            let _open = permit;
            old_system.verify(&login, &password)
        });
        match tokio::time::timeout(migration.timeout, question).await {
            Ok(Ok(Ok(OldSystemAnswer::Valid { user }))) => (QuestionOutcome::Valid, Some(user)),
            Ok(Ok(Ok(OldSystemAnswer::Invalid))) => (QuestionOutcome::Invalid, None),
            Ok(Ok(Err(NoAnswer(reason)))) => {
                tracing::warn!(%reason, "the old system did not answer");
                (QuestionOutcome::NoAnswer, None)
            }
            Ok(Err(reason)) => {
                tracing::error!(%reason, "the question to the old system panicked");
                (QuestionOutcome::NoAnswer, None)
            }
            Err(_) => {
                tracing::warn!(reason = "it took too long", "the old system did not answer");
                (QuestionOutcome::NoAnswer, None)
            }
        }
    }
}
