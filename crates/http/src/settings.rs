//! The settings of the server.

use crate::proxies::TrustedProxies;
use std::time::Duration;

/// How the server listens, and its limits.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// The number of worker threads; `None` means one per core.
    pub workers: Option<usize>,
    /// The maximum number of open connections per worker. Further connections wait to be accepted.
    pub max_connections: usize,
    /// How long an idle connection is kept open.
    pub keep_alive: Duration,
    /// How long a client may take to send a request's head.
    pub head_timeout: Duration,
    /// How long a client may take to send a request's body.
    pub body_timeout: Duration,
    /// The maximum size of a request's body in bytes.
    pub body_limit: usize,
    /// The maximum size of a file to import in bytes.
    pub import_limit: u64,
    /// Whether changes to users and service accounts require `If-Match`.
    pub require_if_match: bool,
    /// How long requests may take to finish after the server is told to stop.
    pub shutdown_timeout: Duration,
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: TrustedProxies,
    /// The origins whose pages may call the API; `*` means any. Empty: CORS is off.
    pub cors_origins: Vec<String>,
    /// Request headers that these pages may send in addition to those that the API reads; `*` means any.
    pub cors_headers: Vec<String>,
    /// The URL at which clients see the server, without a trailing slash; `None` means the requested host.
    pub public_url: Option<String>,
    /// A random number that distinguishes the request ids of this process from those of others.
    pub process: u64,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            workers: None,
            max_connections: 10_000,
            keep_alive: Duration::from_secs(75),
            head_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(20),
            body_limit: 64 * 1024,
            import_limit: 1024 * 1024 * 1024,
            require_if_match: false,
            shutdown_timeout: Duration::from_secs(15),
            trusted_proxies: TrustedProxies::default(),
            cors_origins: Vec::new(),
            cors_headers: Vec::new(),
            public_url: None,
            process: 0,
        }
    }
}
