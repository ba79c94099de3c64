//! `[server]`

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

use crate::fields::SettingsReader;
use crate::rules;

/// The HTTP server.
#[derive(Debug)]
pub struct Server {
    /// An address, or a name that resolves to addresses.
    pub host: String,
    /// 0 picks a free port.
    pub port: u16,
    /// The URL at which clients reach the server, without a trailing slash; `None` derives it from each request.
    pub public_url: Option<String>,
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// Threads that serve requests; `None` is one per core.
    pub workers: Option<NonZeroUsize>,
    /// The maximum number of open connections per worker.
    pub max_connections: usize,
    /// How long a client may take to send the head, and again the body.
    pub request_timeout: Duration,
    /// How long an idle connection is kept; zero closes it after each response.
    pub keep_alive: Duration,
    /// How long the readiness check responds with 503 before a stop closes the listener.
    pub drain_delay: Duration,
    /// How long a stop waits for running requests.
    pub shutdown_timeout: Duration,
    /// The largest JSON body, in bytes.
    pub json_limit: usize,
    /// The control socket: a name in the store's folder, or a path; `None` is no socket.
    pub control_socket: Option<PathBuf>,
    /// Whether changing a resource that has an `ETag` requires `If-Match`.
    pub require_if_match: bool,
}

impl Server {
    pub(crate) fn read(fields: &mut SettingsReader) -> Self {
        let up_to = |most| rules::duration(Duration::ZERO..=most);
        let request_timeout = rules::duration(Duration::from_millis(100)..=Duration::from_mins(10));
        Self {
            host: fields.one("server.host", rules::host),
            port: fields.one("server.port", rules::integer(0..=u16::MAX)),
            public_url: fields.optional("server.public_url", rules::base_url),
            trusted_proxies: fields.list("server.trusted_proxies", rules::network),
            workers: fields.one("server.workers", rules::threads(1024)),
            max_connections: fields.one("server.max_connections", rules::integer(1..=1_000_000)),
            request_timeout: fields.one("server.request_timeout", request_timeout),
            keep_alive: fields.one("server.keep_alive", up_to(Duration::from_hours(1))),
            drain_delay: fields.one("server.drain_delay", up_to(Duration::from_mins(10))),
            shutdown_timeout: fields.one("server.shutdown_timeout", up_to(Duration::from_mins(10))),
            json_limit: fields.one("server.json_limit", rules::integer(1 << 10..=16 << 20)),
            control_socket: fields.one("server.control_socket", rules::path_or_off),
            require_if_match: fields.one("server.require_if_match", rules::boolean),
        }
    }
}
