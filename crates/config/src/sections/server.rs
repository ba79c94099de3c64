//! `[server]`

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

use crate::fields::SettingsReader;
use crate::rules;

/// Listening and the limits of a request.
#[derive(Debug)]
pub struct Server {
    /// An address, or a name that resolves to some.
    pub host: String,
    /// 0 asks the system for a free one.
    pub port: u16,
    /// Where clients see the server, without a slash at the end; `None` is where they ask.
    pub public_url: Option<String>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Threads that serve; `None` is one for each core.
    pub workers: Option<NonZeroUsize>,
    /// Open connections, for each worker.
    pub max_connections: usize,
    /// For a client to send a head, and again for a body.
    pub request_timeout: Duration,
    /// For an idle connection; zero closes after each answer.
    pub keep_alive: Duration,
    /// How long readiness says 503 before a stop closes the listener.
    pub drain_delay: Duration,
    /// For running requests when the server stops.
    pub shutdown_timeout: Duration,
    /// The largest JSON body, in bytes.
    pub json_limit: usize,
    /// The socket for commands: a name in the store's folder, or a path; `None` is no socket.
    pub control_socket: Option<PathBuf>,
    /// Whether a change of something that has an `ETag` needs an `If-Match`.
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
