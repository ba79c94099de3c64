//! Connections to one server.

use crate::contract::Contract;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use ureq::Agent;

/// The URL of a server, the connections to it, and its OpenAPI document.
#[derive(Clone)]
pub(crate) struct Connection {
    agent: Arc<Mutex<Agent>>,
    base: String,
    contract: &'static Contract,
}

impl Connection {
    pub(crate) fn new(base: &str) -> Self {
        let agent = agent();
        let contract = Contract::of(&agent, base);
        Self { agent: Arc::new(Mutex::new(agent)), base: base.to_owned(), contract }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.base.trim_start_matches("http://").parse().expect("the base URL has an address")
    }

    pub(crate) fn contract(&self) -> &'static Contract {
        self.contract
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Closes idle connections.
    pub(crate) fn close_idle_connections(&self) {
        *self.agent.lock().unwrap() = agent();
    }

    pub(crate) fn agent(&self) -> Agent {
        self.agent.lock().unwrap().clone()
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Connection").field(&self.base).finish()
    }
}

fn agent() -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .allow_non_standard_methods(true)
        .max_idle_connections_per_host(32)
        .timeout_global(Some(crate::DEADLINE))
        .build()
        .new_agent()
}
