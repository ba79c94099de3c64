//! Connections to a database that is not Roster's.

use std::time::Duration;

use thiserror::Error;
use tokio::runtime::Handle;
use tokio_postgres::Client;
use zeroize::Zeroizing;

use crate::connection::{Connector, DatabaseUrl, RawConnection, TlsError};

/// A connection to another system's database, made like those of the store: each host is tried, and TLS is what the URL
/// says. Dropping it closes the connection.
pub struct ForeignDatabase(RawConnection);

/// Why another system's database cannot be reached. No message contains a password.
#[derive(Debug, Error)]
pub enum ForeignError {
    /// A file of TLS cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// No host answered, or each rejected the connection.
    #[error("{0}")]
    Connect(String),
}

impl ForeignDatabase {
    /// Connects, in the current runtime. Each host has `timeout`. The password is used if the URL has none.
    ///
    /// # Errors
    /// [`ForeignError`].
    pub async fn connect(
        mut url: DatabaseUrl,
        password: Option<Zeroizing<String>>,
        timeout: Duration,
    ) -> Result<Self, ForeignError> {
        if let Some(password) = password {
            url.set_default_password(&password);
        }
        let connector = Connector::new(url, timeout, Handle::current())?;
        let connected = connector.connect().await;
        connected.map(Self).map_err(|error| ForeignError::Connect(error.to_string()))
    }

    /// The client.
    #[must_use]
    pub const fn client(&self) -> &Client {
        self.0.client()
    }
}
