//! Connections: where they lead, how they are encrypted, and the pool of them.

mod cancel_key;
mod connector;
mod error;
mod hosts;
mod notices;
mod parameters;
mod pool;
mod pooler;
mod session;
mod slots;
mod tls;
mod url;
mod url_error;
mod verifier;

pub(crate) use connector::{Connector, RawConnection};
pub(crate) use error::DatabaseError;
pub(crate) use notices::Notices;
pub(crate) use pool::{Connection, Pool, PooledConnection, pool};
pub use pooler::Pooler;
pub(crate) use pooler::refuse_transaction_mode;
pub(crate) use session::{SessionSettings, run};
pub use tls::TlsError;
pub use url::DatabaseUrl;
pub use url_error::UrlError;
