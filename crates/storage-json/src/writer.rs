//! The writer thread: the only one that changes the journal and the state.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::{Duration, Instant};

use roster_storage::CommitError;
use tokio::sync::oneshot;

use crate::committer::{Checkpoint, Committer, Prepared};
use crate::pulse::Pulse;
use crate::settings::CommitObserver;

/// The most units and bytes that share one sync: bounds how long the first of them waits.
const MAX_UNITS: usize = 1_024;
const MAX_BYTES: usize = 4 << 20;

/// How long a group may wait for as many units as the group before it had: the callers whom that one answered
/// are likely to be back soon, and a sync costs more than this. A caller who is alone never waits.
const GATHERING: Duration = Duration::from_micros(200);

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
    pub(crate) answer: oneshot::Sender<Result<(), CommitError>>,
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
        let mut previous = 1;
        while let Ok(command) = self.commands.recv() {
            if let Command::Commit(first) = command {
                let (group, next) = self.gather(*first, previous);
                previous = group.len();
                self.commit(group);
                if next.is_some_and(|next| !self.obey(next)) {
                    return;
                }
            } else if !self.obey(command) {
                return;
            }
        }
    }

    /// All units that wait or are likely to come, up to the limit; and the command that ended them, if one
    /// did.
    fn gather(&self, first: Request, expected: usize) -> (Vec<Request>, Option<Command>) {
        let until = Instant::now() + GATHERING;
        let mut bytes = first.unit.len();
        let mut group = vec![first];
        while group.len() < MAX_UNITS && bytes < MAX_BYTES {
            let wait = if group.len() < expected {
                until.saturating_duration_since(Instant::now())
            } else {
                Duration::ZERO
            };
            match self.commands.recv_timeout(wait) {
                Ok(Command::Commit(request)) => {
                    bytes += request.unit.len();
                    group.push(*request);
                }
                Ok(other) => return (group, Some(other)),
                Err(_) => break,
            }
        }
        (group, None)
    }

    fn commit(&mut self, group: Vec<Request>) {
        let (units, waiting): (Vec<_>, Vec<_>) =
            group.into_iter().map(|request| (request.unit, (request.asked, request.answer))).unzip();
        let answers = self.committer.commit(&units);
        let is_conflict = |answer: &Result<(), CommitError>| matches!(answer, Err(CommitError::Conflict(_)));
        if answers.iter().any(Result::is_ok) {
            self.pulse.beat();
            self.pulse.set_failing(false);
        } else if !answers.iter().all(is_conflict) {
            self.pulse.set_failing(true);
        }
        for ((asked, waiter), answer) in waiting.into_iter().zip(answers) {
            // One who has gone away does not change what happened.
            let _ = waiter.send(answer);
            if let Some(observer) = &self.observer {
                observer.committed(asked.elapsed());
            }
        }
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
