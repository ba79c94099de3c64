//! An HTTP client for one server.

use crate::connection::Connection;
use crate::contract::Contract;
use crate::request::Request;
use std::fmt;
use std::net::SocketAddr;

/// An HTTP client for one server. It follows no redirects, returns every status as a response, and checks each response
/// against the OpenAPI document.
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

    /// A request with any method.
    pub fn request(&self, method: &str, path: &str) -> Request<'_> {
        Request::new(&self.connection, method, path)
    }

    /// The address that the server listens on.
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

    /// Closes idle connections.
    pub(crate) fn close_idle_connections(&self) {
        self.connection.close_idle_connections();
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Client").field(&self.connection.url("")).finish()
    }
}
