//! The writer thread: the only one that changes the journal and the state.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError};
use std::thread;
use std::time::{Duration, Instant};

use roster_storage::CommitError;
use tokio::sync::oneshot;

use crate::committer::{Checkpoint, Committer, Prepared};
use crate::pulse::Pulse;
use crate::round::{Answer, Outcome, Round};
use crate::settings::CommitObserver;

/// The most units and bytes that share one sync: bounds how long the first of them waits.
const MAX_UNITS: usize = 1_024;
const MAX_BYTES: usize = 4 << 20;

/// How long a group may gather, however many still come.
const GATHERING: Duration = Duration::from_millis(1);

/// What the writer can be asked.
pub(crate) enum Command {
    Commit(Box<Request>),
    /// End the segment and hand over what there is to project.
    Seal(SyncSender<Checkpoint>),
    /// Segments whose numbers all are at most this are gone.
    LetGo(u64),
    /// Is there room?
    Probe(oneshot::Sender<io::Result<()>>),
    Stop,
}

/// A unit of work and who waits for it.
pub(crate) struct Request {
    pub(crate) unit: Prepared,
    pub(crate) asked: Instant,
    pub(crate) answer: oneshot::Sender<Answer>,
}

/// The writer thread's own.
pub(crate) struct Writer {
    pub(crate) committer: Committer,
    pub(crate) commands: Receiver<Command>,
    pub(crate) pulse: Arc<Pulse>,
    pub(crate) observer: Option<Arc<dyn CommitObserver>>,
}

impl Writer {
    /// Works until told to stop.
    pub(crate) fn run(mut self) {
        while let Ok(command) = self.commands.recv() {
            if let Command::Commit(first) = command {
                let (group, next) = self.gather(*first);
                self.commit(group);
                if next.is_some_and(|next| !self.obey(next)) {
                    return;
                }
            } else if !self.obey(command) {
                return;
            }
        }
    }

    /// All units that wait, up to the limit; and the command that ended them, if one did.
    ///
    /// The processor is left to whoever is about to ask, as long as that brings more units: where it is busy,
    /// a sync for many takes less of it than many syncs. Where it is idle, nobody is waited for.
    fn gather(&self, first: Request) -> (Vec<Request>, Option<Command>) {
        let began = Instant::now();
        let mut bytes = first.unit.len();
        let mut group = vec![first];
        let mut before_pause = 0;
        while group.len() < MAX_UNITS && bytes < MAX_BYTES {
            match self.commands.try_recv() {
                Ok(Command::Commit(request)) => {
                    bytes += request.unit.len();
                    group.push(*request);
                }
                Ok(other) => return (group, Some(other)),
                Err(TryRecvError::Empty) if group.len() > before_pause && began.elapsed() < GATHERING => {
                    before_pause = group.len();
                    thread::yield_now();
                }
                Err(_) => break,
            }
        }
        (group, None)
    }

    fn commit(&mut self, group: Vec<Request>) {
        let (units, waiting): (Vec<_>, Vec<_>) =
            group.into_iter().map(|request| (request.unit, (request.asked, request.answer))).unzip();
        let answers = self.committer.commit(&units);
        let is_conflict = |answer: &Outcome| matches!(answer, Err(CommitError::Conflict(_)));
        if answers.iter().any(Result::is_ok) {
            self.pulse.beat();
            self.pulse.set_failing(false);
        } else if !answers.iter().all(is_conflict) {
            self.pulse.set_failing(true);
        }
        if let Some(observer) = &self.observer {
            let now = Instant::now();
            for (asked, _) in &waiting {
                observer.committed(now.duration_since(*asked));
            }
        }
        Round::give(waiting.into_iter().map(|(_, waiter)| waiter).zip(answers));
    }

    /// Whether to go on.
    fn obey(&mut self, command: Command) -> bool {
        match command {
            Command::Commit(request) => self.commit(vec![*request]),
            Command::Seal(reply) => drop(reply.send(self.committer.seal())),
            Command::LetGo(through) => self.committer.let_go(through),
            Command::Probe(reply) => {
                let outcome = self.committer.probe();
                self.pulse.set_failing(outcome.is_err());
                drop(reply.send(outcome));
            }
            Command::Stop => return false,
        }
        true
    }
}
