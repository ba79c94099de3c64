//! A client of one server.

use crate::contract::Contract;
use crate::request::Request;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use ureq::Agent;

/// Talks to one server. Follows no redirects, takes every status for an answer, and holds each answer
/// against the contract.
#[derive(Clone)]
pub struct Client {
    agent: Arc<Mutex<Agent>>,
    base: String,
    contract: &'static Contract,
}

impl Client {
    pub(crate) fn new(base: &str) -> Self {
        let agent = agent();
        let contract = Contract::of(&agent, base);
        Self { agent: Arc::new(Mutex::new(agent)), base: base.to_owned(), contract }
    }

    /// `GET path`
    pub fn get(&self, path: &str) -> Request<'_> {
        self.request("GET", path)
    }

    /// `POST path`
    pub fn post(&self, path: &str) -> Request<'_> {
        self.request("POST", path)
    }

    /// `PUT path`
    pub fn put(&self, path: &str) -> Request<'_> {
        self.request("PUT", path)
    }

    /// `PATCH path`
    pub fn patch(&self, path: &str) -> Request<'_> {
        self.request("PATCH", path)
    }

    /// `DELETE path`
    pub fn delete(&self, path: &str) -> Request<'_> {
        self.request("DELETE", path)
    }

    /// Any method.
    pub fn request(&self, method: &str, path: &str) -> Request<'_> {
        Request::new(self, method, path)
    }

    /// Where the server listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.base.trim_start_matches("http://").parse().expect("the server names an address")
    }

    /// The server's OpenAPI document.
    #[must_use]
    pub fn contract(&self) -> &'static Contract {
        self.contract
    }

    /// The URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Closes the connections that are kept for later.
    pub(crate) fn hang_up(&self) {
        *self.agent.lock().unwrap() = agent();
    }

    pub(crate) fn agent(&self) -> Agent {
        self.agent.lock().unwrap().clone()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Client").field(&self.base).finish()
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
