//! The answers to a group of commits, on their way to those who wait.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use roster_storage::CommitError;
use tokio::sync::oneshot;

/// What a commit came to.
pub(crate) type Outcome = Result<(), CommitError>;

/// Answers that are still to be given. Whoever has theirs helps to give the others: to wake a task from a
/// thread of its own costs a system call and often two changes of thread, to wake it from the worker that is
/// to run it costs next to nothing.
#[derive(Debug)]
pub(crate) struct Round(Mutex<VecDeque<(oneshot::Sender<Answer>, Outcome)>>);

/// One's own outcome, and the round that it came in.
#[derive(Debug)]
pub(crate) struct Answer {
    outcome: Outcome,
    round: Arc<Round>,
}

impl Round {
    /// Gives every answer. It depends on nobody's help.
    pub(crate) fn give(answers: impl IntoIterator<Item = (oneshot::Sender<Answer>, Outcome)>) {
        Arc::new(Self(Mutex::new(answers.into_iter().collect()))).help();
    }

    fn help(self: Arc<Self>) {
        loop {
            let Some((waiter, outcome)) = self.0.lock().pop_front() else { return };
            // One who has gone away does not change what happened.
            let _ = waiter.send(Answer { outcome, round: Arc::clone(&self) });
        }
    }
}

impl Answer {
    /// The outcome, once the others have theirs.
    pub(crate) fn take(self) -> Outcome {
        self.round.help();
        self.outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Waiters = Vec<oneshot::Receiver<Answer>>;

    fn round(size: usize) -> (Arc<Round>, Waiters) {
        let (senders, receivers): (Vec<_>, Waiters) = (0..size).map(|_| oneshot::channel()).unzip();
        (Arc::new(Round(Mutex::new(senders.into_iter().map(|sender| (sender, Ok(()))).collect()))), receivers)
    }

    #[test]
    fn everybody_is_answered_though_nobody_helps_and_some_have_gone() {
        let (round, mut waiters) = round(3);
        drop(waiters.remove(1));
        round.help();
        for mut waiter in waiters {
            assert!(waiter.try_recv().unwrap().outcome.is_ok());
        }
    }

    #[test]
    fn whoever_takes_their_answer_gives_the_others_theirs() {
        let (round, mut waiters) = round(3);
        Answer { outcome: Ok(()), round }.take().unwrap();
        for waiter in &mut waiters {
            waiter.try_recv().unwrap().take().unwrap();
        }
    }
}
