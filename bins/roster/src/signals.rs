//! Handles the signals that the server receives.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, sleep_until};

/// How long a forced exit waits for the last log line to be written.
const LOG_FLUSH_DELAY: Duration = Duration::from_millis(100);

/// The requests that signals make.
pub(crate) struct Signals {
    /// SIGTERM and SIGINT.
    pub(crate) stop: StopRequest,
    /// SIGHUP.
    pub(crate) reload: ReloadRequests,
}

/// Resolves when a signal requests a stop.
#[derive(Clone)]
pub(crate) struct StopRequest(watch::Receiver<Option<StopSignal>>);

/// Resolves each time a signal requests a reload of the settings.
pub(crate) struct ReloadRequests(Arc<Notify>);

/// The signal that requested a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StopSignal {
    /// SIGTERM, from a supervisor.
    Terminate,
    /// SIGINT, from the terminal.
    Interrupt,
}

/// Starts to handle signals on a separate thread, so that a busy or blocked process still reacts to them.
///
/// The first SIGTERM or SIGINT requests a stop. A second one ends the process immediately with exit code 128 plus the signal
/// number, following the shell convention. If the stop takes longer than `limit`, the process exits with code 1. SIGHUP
/// requests a reload. SIGUSR1, SIGUSR2 and SIGQUIT are ignored.
///
/// # Errors
/// If a handler cannot be installed or the thread cannot be started.
pub(crate) fn listen(limit: impl Fn(StopSignal) -> Duration + Send + 'static) -> anyhow::Result<Signals> {
    let runtime = Builder::new_current_thread().enable_all().build().context("cannot listen for signals")?;
    let received = {
        let _runtime = runtime.enter();
        Received::new().context("cannot listen for signals")?
    };
    let (stop, stop_receiver) = watch::channel(None);
    let reload = Arc::new(Notify::new());
    let handler = Handler { received, stop, reload: Arc::clone(&reload), limit };
    let thread = thread::Builder::new().name("signals".to_owned());
    thread.spawn(move || runtime.block_on(handler.run())).context("cannot listen for signals")?;
    Ok(Signals { stop: StopRequest(stop_receiver), reload: ReloadRequests(reload) })
}

impl StopRequest {
    /// Waits for the request.
    pub(crate) async fn requested(&mut self) -> StopSignal {
        loop {
            if let Some(signal) = *self.0.borrow_and_update() {
                return signal;
            }
            if self.0.changed().await.is_err() {
                // The signal thread has ended, so no request will follow.
                std::future::pending::<()>().await;
            }
        }
    }

    /// Whether the request has been made.
    pub(crate) fn is_made(&self) -> bool {
        self.0.borrow().is_some()
    }
}

impl ReloadRequests {
    /// Waits for the next request. Requests that arrive between two calls count as one.
    pub(crate) async fn next(&self) {
        self.0.notified().await;
    }
}

impl StopSignal {
    const fn name(self) -> &'static str {
        match self {
            Self::Terminate => "SIGTERM",
            Self::Interrupt => "SIGINT",
        }
    }

    const fn exit_code(self) -> i32 {
        match self {
            Self::Terminate => 143,
            Self::Interrupt => 130,
        }
    }
}

/// The state of the signal thread.
struct Handler<L> {
    received: Received,
    stop: watch::Sender<Option<StopSignal>>,
    reload: Arc<Notify>,
    limit: L,
}

impl<L: Fn(StopSignal) -> Duration> Handler<L> {
    async fn run(mut self) {
        let first = loop {
            match self.received.next().await {
                Request::Stop(signal) => break signal,
                Request::Reload => self.reload.notify_one(),
                Request::Nothing(signal) => tracing::info!(signal, "this signal does nothing"),
            }
        };
        tracing::info!(signal = first.name(), "stopping");
        let limit = (self.limit)(first);
        let end = Instant::now() + limit;
        // If the receiver is gone, the server is already exiting.
        let _ = self.stop.send(Some(first));
        loop {
            tokio::select! {
                request = self.received.next() => if let Request::Stop(second) = request {
                    std::process::exit(second.exit_code());
                },
                () = sleep_until(end) => force_exit(limit).await,
            }
        }
    }
}

async fn force_exit(limit: Duration) {
    let seconds = limit.as_secs();
    tracing::error!(
        seconds,
        "the shutdown takes too long; exiting now. The journal contains all acknowledged changes"
    );
    sleep(LOG_FLUSH_DELAY).await;
    std::process::exit(1);
}

/// What a signal requests.
enum Request {
    Stop(StopSignal),
    Reload,
    Nothing(&'static str),
}

/// The streams of incoming signals.
struct Received {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
    quit: Signal,
    user_1: Signal,
    user_2: Signal,
}

impl Received {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
            quit: signal(SignalKind::quit())?,
            user_1: signal(SignalKind::user_defined1())?,
            user_2: signal(SignalKind::user_defined2())?,
        })
    }

    async fn next(&mut self) -> Request {
        tokio::select! {
            _ = self.terminate.recv() => Request::Stop(StopSignal::Terminate),
            _ = self.interrupt.recv() => Request::Stop(StopSignal::Interrupt),
            _ = self.hang_up.recv() => Request::Reload,
            _ = self.quit.recv() => Request::Nothing("SIGQUIT"),
            _ = self.user_1.recv() => Request::Nothing("SIGUSR1"),
            _ = self.user_2.recv() => Request::Nothing("SIGUSR2"),
        }
    }
}
