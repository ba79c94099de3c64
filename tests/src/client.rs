//! A client of one server.

use crate::connection::Connection;
use crate::contract::Contract;
use crate::request::Request;
use std::fmt;
use std::net::SocketAddr;

/// Talks to one server. Follows no redirects, takes every status for an answer, and holds each answer
/// against the contract.
#[derive(Clone)]
pub struct Client {
    connection: Connection,
}

impl Client {
    pub(crate) fn new(base: &str) -> Self {
        Self { connection: Connection::new(base) }
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
        Request::new(&self.connection, method, path)
    }

    /// Where the server listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.connection.address()
    }

    /// The server's OpenAPI document.
    #[must_use]
    pub fn contract(&self) -> &'static Contract {
        self.connection.contract()
    }

    /// The URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        self.connection.url(path)
    }

    /// Closes the connections that are kept for later.
    pub(crate) fn hang_up(&self) {
        self.connection.hang_up();
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Client").field(&self.connection.url("")).finish()
    }
}
