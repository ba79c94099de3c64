//! Connects to the first host that answers and is what is asked for.

use std::error::Error as StdError;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustls::Error as RustlsError;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tokio_postgres::config::{Host, SslMode as Encryption};
use tokio_postgres::{Client, Config};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::error::{DatabaseError, HostError, reason};
use super::hosts::DatabaseHost;
use super::notices::{Notices, drive};
use super::parameters::SslMode;
use super::tls::{self, TlsError};
use super::url::DatabaseUrl;

/// Makes connections.
pub(crate) struct Connector {
    url: DatabaseUrl,
    tls: MakeRustlsConnect,
    /// The time for each host.
    timeout: Duration,
    /// Drives the connections: they are used by requests of several runtimes, and outlive them.
    runtime: Handle,
    /// The host that answered last, which is tried first: a host that is down may cost the whole time.
    preferred: AtomicUsize,
    /// Hears what the connections receive besides answers, if needed.
    notices: Option<Arc<dyn Notices>>,
}

/// A connection, driven by a task of its own. Dropping it closes the connection at once, whatever is under way.
pub(crate) struct RawConnection {
    client: Client,
    task: AbortHandle,
}

impl RawConnection {
    /// The client.
    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }
}

impl Drop for RawConnection {
    fn drop(&mut self) {
        // By itself, the task would wait for the answers, which a paused server never sends.
        self.task.abort();
    }
}

impl Connector {
    /// Reads the files of TLS. It blocks.
    ///
    /// # Errors
    /// [`TlsError`].
    pub(crate) fn new(url: DatabaseUrl, timeout: Duration, runtime: Handle) -> Result<Self, TlsError> {
        let tls = tls::prepare(url.mode, &url.ssl)?;
        Ok(Self { url, tls, timeout, runtime, preferred: AtomicUsize::new(0), notices: None })
    }

    /// The same, with connections whose notices are heard.
    pub(crate) fn with_notices(self, notices: Arc<dyn Notices>) -> Self {
        Self { notices: Some(notices), ..self }
    }

    /// Tries each host. The connection is driven by a task of its own, which ends with it.
    ///
    /// # Errors
    /// [`DatabaseError::Connect`] with the reason of each host.
    pub(crate) async fn connect(&self) -> Result<RawConnection, DatabaseError> {
        let hosts = &self.url.hosts;
        let first = self.preferred.load(Ordering::Relaxed);
        let mut failed = Vec::new();
        for at in (0..hosts.len()).map(|step| (first + step) % hosts.len()) {
            let host = &hosts[at];
            match timeout(self.timeout, self.connect_to(host)).await {
                Ok(Ok(connection)) => {
                    self.preferred.store(at, Ordering::Relaxed);
                    return Ok(connection);
                }
                Ok(Err(error)) => failed.push((host.to_string(), HostError::Rejected(error))),
                Err(_) => failed.push((host.to_string(), HostError::Timeout(self.timeout))),
            }
        }
        Err(DatabaseError::Connect(failed))
    }

    /// Tries a host with and without TLS, in the order of the mode.
    async fn connect_to(&self, host: &DatabaseHost) -> Result<RawConnection, tokio_postgres::Error> {
        let (first, second) = match self.url.mode {
            _ if host.is_local() => (Encryption::Disable, None),
            SslMode::Disable => (Encryption::Disable, None),
            SslMode::Allow => (Encryption::Disable, Some(Encryption::Require)),
            SslMode::Prefer => (Encryption::Prefer, Some(Encryption::Disable)),
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => (Encryption::Require, None),
        };
        match (self.connect_once(host, first).await, second) {
            (Err(error), Some(second)) if is_about_encryption(&error) => {
                self.connect_once(host, second).await.map_err(|_| error)
            }
            (outcome, _) => outcome,
        }
    }

    async fn connect_once(
        &self,
        host: &DatabaseHost,
        encryption: Encryption,
    ) -> Result<RawConnection, tokio_postgres::Error> {
        let config = self.config(host, encryption);
        // A large future, so that it is on the heap.
        let mut connecting = Box::pin(config.connect(self.tls.clone()));
        // The socket belongs to the runtime in which it is made.
        let connected = poll_fn(|context| {
            let _inside = self.runtime.enter();
            connecting.as_mut().poll(context)
        });
        let (client, connection) = connected.await?;
        let driving = drive(connection, self.notices.clone());
        let task = self.runtime.spawn(async move {
            if let Err(error) = driving.await {
                tracing::debug!(error = %reason(&error), "a connection to PostgreSQL ended");
            }
        });
        Ok(RawConnection { client, task: task.abort_handle() })
    }

    fn config(&self, host: &DatabaseHost, encryption: Encryption) -> Config {
        let mut config = self.url.common.clone();
        match &host.host {
            Some(Host::Tcp(name)) => config.host(name),
            Some(Host::Unix(folder)) => config.host_path(folder),
            // A certificate for an address names it like a host.
            None => config.host(host.address.map(|address| address.to_string()).unwrap_or_default()),
        };
        if let Some(address) = host.address {
            config.hostaddr(address);
        }
        if let Some(password) = &self.url.password {
            config.password(password.as_slice());
        }
        config.port(host.port).ssl_mode(encryption);
        config
    }
}

/// Whether the server or TLS rejected the connection because of how it was encrypted, or may have.
fn is_about_encryption(error: &tokio_postgres::Error) -> bool {
    let is_authorization = |code: &str| code.starts_with("28");
    error.code().is_some_and(|code| is_authorization(code.code())) || is_tls(error)
}

fn is_tls(error: &tokio_postgres::Error) -> bool {
    let mut next: Option<&dyn StdError> = Some(error);
    while let Some(error) = next {
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if error.is::<RustlsError>() || inner.is_some_and(<dyn StdError + Send + Sync>::is::<RustlsError>) {
            return true;
        }
        next = error.source();
    }
    false
}
