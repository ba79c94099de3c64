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
pub(crate) struct PendingCommit {
    /// When the commit was asked for.
    asked: Instant,
    /// Where they wait.
    thread: ThreadId,
    sender: oneshot::Sender<Answer>,
}

/// Answers that are still to be given to those who wait on one thread. Whoever has theirs gives the others: to wake
/// a task from another thread costs a system call, to wake it from the thread that is to run it costs next to
/// nothing.
#[derive(Debug)]
pub(crate) struct ReplyBatch {
    thread: ThreadId,
    waiting: Mutex<VecDeque<(oneshot::Sender<Answer>, Outcome)>>,
}

/// One's own outcome, and the batch that it came in. Whoever takes it, or goes away without, gives what is left of
/// the batch.
#[derive(Debug)]
pub(crate) struct Answer {
    outcome: Outcome,
    /// `None` once that is done.
    batch: Option<Arc<ReplyBatch>>,
}

impl PendingCommit {
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

impl ReplyBatch {
    /// Sorts the answers by thread and gives each thread one. The others are given when that one is taken or dropped,
    /// and by whoever calls [`ReplyBatch::give`] before that.
    pub(crate) fn begin(answers: impl IntoIterator<Item = (PendingCommit, Outcome)>) -> Vec<Arc<Self>> {
        let mut batches: Vec<Self> = Vec::new();
        for (PendingCommit { thread, sender, asked: _ }, outcome) in answers {
            let index = batches.iter().position(|batch| batch.thread == thread).unwrap_or_else(|| {
                batches.push(Self { thread, waiting: Mutex::default() });
                batches.len() - 1
            });
            batches[index].waiting.get_mut().push_back((sender, outcome));
        }
        let batches: Vec<_> = batches.into_iter().map(Arc::new).collect();
        for batch in &batches {
            while batch.give_next() == Some(false) {}
        }
        batches
    }

    /// Gives every answer that is left. It depends on nobody's help.
    pub(crate) fn give(self: &Arc<Self>) {
        while self.give_next().is_some() {}
    }

    /// Gives the next answer, and says whether there was anybody to take it. `None` if none is left.
    fn give_next(self: &Arc<Self>) -> Option<bool> {
        let (sender, outcome) = self.waiting.lock().pop_front()?;
        let answer = Answer { outcome, batch: Some(Arc::clone(self)) };
        // One who has gone away does not change what happened; and the batch is in the caller's hands already.
        Some(sender.send(answer).map_err(|mut returned| returned.batch = None).is_ok())
    }
}

impl Answer {
    /// The outcome; the others have theirs by then.
    pub(crate) fn take(mut self) -> Outcome {
        std::mem::replace(&mut self.outcome, Ok(()))
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if let Some(batch) = self.batch.take() {
            batch.give();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Receivers = Vec<oneshot::Receiver<Answer>>;

    fn pending_commits(count: usize) -> (Vec<(PendingCommit, Outcome)>, Receivers) {
        let (pending_commits, receivers): (Vec<_>, Receivers) =
            (0..count).map(|_| PendingCommit::new(Instant::now())).unzip();
        (pending_commits.into_iter().map(|pending_commit| (pending_commit, Ok(()))).collect(), receivers)
    }

    fn answers(receivers: &mut Receivers) -> Vec<Answer> {
        receivers.iter_mut().filter_map(|receiver| receiver.try_recv().ok()).collect()
    }

    #[test]
    fn a_batch_begins_with_one_answer_for_each_thread() {
        let (mut all, mut here) = pending_commits(2);
        let (others, mut there) = thread::spawn(|| pending_commits(2)).join().unwrap();
        all.extend(others);
        let batches = ReplyBatch::begin(all);
        assert_eq!(batches.len(), 2);
        let (here, there) = (answers(&mut here), answers(&mut there));
        assert_eq!((here.len(), there.len()), (1, 1));
    }

    #[test]
    fn the_first_answer_goes_to_somebody_who_is_there() {
        let (all, mut receivers) = pending_commits(3);
        drop(receivers.remove(0));
        let _batches = ReplyBatch::begin(all);
        assert_eq!(answers(&mut receivers).len(), 1);
    }

    #[test]
    fn everybody_is_answered_though_nobody_helps_and_some_have_gone() {
        let (all, mut receivers) = pending_commits(4);
        let batches = ReplyBatch::begin(all);
        drop(receivers.remove(2));
        batches.iter().for_each(ReplyBatch::give);
        assert_eq!(answers(&mut receivers).len(), 3);
    }

    #[test]
    fn whoever_takes_their_answer_gives_the_others_theirs() {
        let (all, mut receivers) = pending_commits(3);
        let _batches = ReplyBatch::begin(all);
        receivers.remove(0).try_recv().unwrap().take().unwrap();
        assert_eq!(answers(&mut receivers).len(), 2);
    }

    #[test]
    fn whoever_goes_away_with_their_answer_gives_the_others_theirs() {
        let (all, mut receivers) = pending_commits(3);
        let _batches = ReplyBatch::begin(all);
        drop(receivers.remove(0));
        assert_eq!(answers(&mut receivers).len(), 2);
    }

    #[test]
    fn many_who_have_gone_are_passed_over_one_after_the_other() {
        let (mut all, receivers) = pending_commits(100_000);
        drop(receivers);
        let (last, mut there) = pending_commits(1);
        all.extend(last);
        let _batches = ReplyBatch::begin(all);
        assert_eq!(answers(&mut there).len(), 1);
    }
}
