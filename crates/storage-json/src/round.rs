//! The answers to a group of commits, on their way to those who wait.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use roster_storage::CommitError;
use tokio::sync::oneshot;

/// What a commit came to.
pub(crate) type Outcome = Result<(), CommitError>;

/// Who waits for a commit.
#[derive(Debug)]
pub(crate) struct Waiter {
    asked: Instant,
    /// Where they wait.
    thread: ThreadId,
    sender: oneshot::Sender<Answer>,
}

/// Answers that are still to be given to those who wait on one thread. Whoever has theirs gives the others: to wake
/// a task from another thread costs a system call, to wake it from the thread that is to run it costs next to
/// nothing.
#[derive(Debug)]
pub(crate) struct Round {
    thread: ThreadId,
    waiting: Mutex<VecDeque<(oneshot::Sender<Answer>, Outcome)>>,
}

/// One's own outcome, and the round that it came in.
#[derive(Debug)]
pub(crate) struct Answer {
    outcome: Outcome,
    round: Arc<Round>,
}

impl Waiter {
    /// The caller's thread waits, at the receiver.
    pub(crate) fn new(asked: Instant) -> (Self, oneshot::Receiver<Answer>) {
        let (sender, receiver) = oneshot::channel();
        (Self { asked, thread: thread::current().id(), sender }, receiver)
    }

    /// How long they have waited.
    pub(crate) fn waited(&self, now: Instant) -> Duration {
        now.duration_since(self.asked)
    }
}

impl Round {
    /// Sorts the answers by thread and gives each thread one. The others are given by those who take theirs, and by
    /// whoever calls [`Round::give`] before that.
    pub(crate) fn begin(answers: impl IntoIterator<Item = (Waiter, Outcome)>) -> Vec<Arc<Self>> {
        let mut rounds: Vec<Self> = Vec::new();
        for (Waiter { thread, sender, asked: _ }, outcome) in answers {
            let index = rounds.iter().position(|round| round.thread == thread).unwrap_or_else(|| {
                rounds.push(Self { thread, waiting: Mutex::default() });
                rounds.len() - 1
            });
            rounds[index].waiting.get_mut().push_back((sender, outcome));
        }
        let rounds: Vec<_> = rounds.into_iter().map(Arc::new).collect();
        for round in &rounds {
            while round.give_next() == Some(false) {}
        }
        rounds
    }

    /// Gives every answer that is left. It depends on nobody's help.
    pub(crate) fn give(self: &Arc<Self>) {
        while self.give_next().is_some() {}
    }

    /// Gives the next answer, and says whether there was anybody to take it. `None` if none is left.
    fn give_next(self: &Arc<Self>) -> Option<bool> {
        let (sender, outcome) = self.waiting.lock().pop_front()?;
        // One who has gone away does not change what happened.
        Some(sender.send(Answer { outcome, round: Arc::clone(self) }).is_ok())
    }
}

impl Answer {
    /// The outcome, once the others have theirs.
    pub(crate) fn take(self) -> Outcome {
        self.round.give();
        self.outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Receivers = Vec<oneshot::Receiver<Answer>>;

    fn waiters(count: usize) -> (Vec<(Waiter, Outcome)>, Receivers) {
        let (waiters, receivers): (Vec<_>, Receivers) =
            (0..count).map(|_| Waiter::new(Instant::now())).unzip();
        (waiters.into_iter().map(|waiter| (waiter, Ok(()))).collect(), receivers)
    }

    fn has_answer(receiver: &mut oneshot::Receiver<Answer>) -> bool {
        receiver.try_recv().is_ok_and(|answer| answer.outcome.is_ok())
    }

    #[test]
    fn a_round_begins_with_one_answer_for_each_thread() {
        let (mut answers, mut here) = waiters(2);
        let (others, mut there) = thread::spawn(|| waiters(2)).join().unwrap();
        answers.extend(others);
        let rounds = Round::begin(answers);
        assert_eq!(rounds.len(), 2);
        assert_eq!(here.iter_mut().filter_map(|one| one.try_recv().ok()).count(), 1);
        assert_eq!(there.iter_mut().filter_map(|one| one.try_recv().ok()).count(), 1);
    }

    #[test]
    fn the_first_answer_goes_to_somebody_who_is_there() {
        let (answers, mut receivers) = waiters(3);
        drop(receivers.remove(0));
        let _rounds = Round::begin(answers);
        assert!(has_answer(&mut receivers[0]));
        assert!(!has_answer(&mut receivers[1]));
    }

    #[test]
    fn everybody_is_answered_though_nobody_helps_and_some_have_gone() {
        let (answers, mut receivers) = waiters(4);
        let rounds = Round::begin(answers);
        drop(receivers.remove(2));
        rounds.iter().for_each(Round::give);
        assert!(receivers.iter_mut().all(has_answer));
    }

    #[test]
    fn whoever_takes_their_answer_gives_the_others_theirs() {
        let (answers, mut receivers) = waiters(3);
        let _rounds = Round::begin(answers);
        receivers.remove(0).try_recv().unwrap().take().unwrap();
        assert!(receivers.iter_mut().all(has_answer));
    }
}
