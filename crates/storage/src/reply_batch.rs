//! Delivers the results of a group of commits to their callers.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::error::CommitError;

/// The result of a commit.
type Outcome = Result<(), CommitError>;

/// The result of a commit, with what goes back to the callers' threads, which allocated it: memory that another thread frees is
/// expensive to use again. A caller drops it after passing on the results.
#[derive(Debug)]
pub struct Settled<R> {
    outcome: Outcome,
    _returned: Option<R>,
}

/// A caller that waits for a commit.
#[derive(Debug)]
pub struct PendingCommit<R> {
    /// When the commit was called.
    asked: Instant,
    /// The thread of the caller.
    thread: ThreadId,
    sender: oneshot::Sender<Reply<R>>,
}

/// Results for callers that wait on the same thread. Each receiver passes the results on to the others: waking a
/// task from another thread costs a system call, while waking it from the thread that runs it is nearly free.
#[derive(Debug)]
pub struct ReplyBatch<R> {
    thread: ThreadId,
    waiting: Mutex<VecDeque<Waiting<R>>>,
}

/// A caller, and its result.
type Waiting<R> = (oneshot::Sender<Reply<R>>, Settled<R>);

/// A caller's own result, and its batch. Taking or dropping it passes on the rest of the batch.
#[derive(Debug)]
pub struct Reply<R> {
    settled: Settled<R>,
    /// `None` once that is done.
    batch: Option<Arc<ReplyBatch<R>>>,
}

impl<R> Settled<R> {
    /// The result, with what goes back.
    pub const fn returning(returned: R, outcome: Outcome) -> Self {
        Self { outcome, _returned: Some(returned) }
    }
}

impl<R> PendingCommit<R> {
    /// A pending commit whose caller waits on the current thread, and the receiver of its reply.
    #[must_use]
    pub fn new(asked: Instant) -> (Self, oneshot::Receiver<Reply<R>>) {
        let (sender, receiver) = oneshot::channel();
        (Self { asked, thread: thread::current().id(), sender }, receiver)
    }

    /// How long the caller has waited.
    #[must_use]
    pub fn waited(&self, now: Instant) -> Duration {
        now.duration_since(self.asked)
    }
}

impl<R> ReplyBatch<R> {
    /// Groups the results by thread and sends each thread one. The others are sent when that one is taken or
    /// dropped, or by [`ReplyBatch::give`].
    pub fn begin(replies: impl IntoIterator<Item = (PendingCommit<R>, Settled<R>)>) -> Vec<Arc<Self>> {
        let mut batches: Vec<Self> = Vec::new();
        for (PendingCommit { thread, sender, asked: _ }, settled) in replies {
            let index = batches.iter().position(|batch| batch.thread == thread).unwrap_or_else(|| {
                batches.push(Self { thread, waiting: Mutex::default() });
                batches.len() - 1
            });
            batches[index].waiting.get_mut().push_back((sender, settled));
        }
        let batches: Vec<_> = batches.into_iter().map(Arc::new).collect();
        for batch in &batches {
            while batch.give_next() == Some(false) {}
        }
        batches
    }

    /// Sends all remaining results, without relying on the receivers.
    pub fn give(self: &Arc<Self>) {
        while self.give_next().is_some() {}
    }

    /// Whether all results were sent.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.waiting.lock().is_empty()
    }

    /// Sends the next result and returns whether it was received. `None` if none is left.
    fn give_next(self: &Arc<Self>) -> Option<bool> {
        let (sender, settled) = self.waiting.lock().pop_front()?;
        let reply = Reply { settled, batch: Some(Arc::clone(self)) };
        // If the caller is gone, the reply comes back. The current call already passes on the rest, so dropping it
        // must not.
        Some(sender.send(reply).map_err(|mut returned| returned.batch = None).is_ok())
    }
}

impl<R> Reply<R> {
    /// The result. Before it is returned, the others get theirs.
    ///
    /// # Errors
    /// The error of the commit.
    pub fn take(mut self) -> Outcome {
        std::mem::replace(&mut self.settled.outcome, Ok(()))
    }
}

impl<R> Drop for Reply<R> {
    fn drop(&mut self) {
        if let Some(batch) = self.batch.take() {
            batch.give();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Settlements = Vec<(PendingCommit<()>, Settled<()>)>;
    type Receivers = Vec<oneshot::Receiver<Reply<()>>>;

    fn pending_commits(count: usize) -> (Settlements, Receivers) {
        let (pending_commits, receivers): (Vec<_>, Receivers) =
            (0..count).map(|_| PendingCommit::new(Instant::now())).unzip();
        let settled = || Settled { outcome: Ok(()), _returned: None };
        (pending_commits.into_iter().map(|pending_commit| (pending_commit, settled())).collect(), receivers)
    }

    fn replies(receivers: &mut Receivers) -> Vec<Reply<()>> {
        receivers.iter_mut().filter_map(|receiver| receiver.try_recv().ok()).collect()
    }

    #[test]
    fn a_batch_begins_with_one_reply_for_each_thread() {
        let (mut all, mut here) = pending_commits(2);
        let (others, mut there) = thread::spawn(|| pending_commits(2)).join().unwrap();
        all.extend(others);
        let batches = ReplyBatch::begin(all);
        assert_eq!(batches.len(), 2);
        let (here, there) = (replies(&mut here), replies(&mut there));
        assert_eq!((here.len(), there.len()), (1, 1));
    }

    #[test]
    fn the_first_reply_goes_to_a_caller_that_is_still_there() {
        let (all, mut receivers) = pending_commits(3);
        drop(receivers.remove(0));
        let _batches = ReplyBatch::begin(all);
        assert_eq!(replies(&mut receivers).len(), 1);
    }

    #[test]
    fn every_caller_gets_a_reply_without_help_even_if_some_are_gone() {
        let (all, mut receivers) = pending_commits(4);
        let batches = ReplyBatch::begin(all);
        drop(receivers.remove(2));
        assert!(!batches[0].is_finished());
        batches.iter().for_each(ReplyBatch::give);
        assert!(batches[0].is_finished());
        assert_eq!(replies(&mut receivers).len(), 3);
    }

    #[test]
    fn taking_a_reply_passes_on_the_others() {
        let (all, mut receivers) = pending_commits(3);
        let _batches = ReplyBatch::begin(all);
        receivers.remove(0).try_recv().unwrap().take().unwrap();
        assert_eq!(replies(&mut receivers).len(), 2);
    }

    #[test]
    fn dropping_a_reply_passes_on_the_others() {
        let (all, mut receivers) = pending_commits(3);
        let _batches = ReplyBatch::begin(all);
        drop(receivers.remove(0));
        assert_eq!(replies(&mut receivers).len(), 2);
    }

    #[test]
    fn callers_that_are_gone_are_skipped() {
        let (mut all, receivers) = pending_commits(100_000);
        drop(receivers);
        let (last, mut there) = pending_commits(1);
        all.extend(last);
        let _batches = ReplyBatch::begin(all);
        assert_eq!(replies(&mut there).len(), 1);
    }
}
