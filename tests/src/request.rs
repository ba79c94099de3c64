//! A request builder.

use crate::connection::Connection;
use crate::person::Person;
use crate::response::Response;
use serde_json::Value;
use std::time::Duration;
use ureq::http;

/// A request that is not sent yet.
#[derive(Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct Request<'a> {
    connection: &'a Connection,
    method: String,
    path: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Option<Vec<u8>>,
}

impl<'a> Request<'a> {
    pub(crate) fn new(connection: &'a Connection, method: &str, path: &str) -> Self {
        Self { connection, method: method.to_owned(), path: path.to_owned(), headers: Vec::new(), body: None }
    }

    /// Adds a header. A name can be added more than once.
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Sends an access token.
    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", format!("Bearer {token}"))
    }

    /// Sends a user's access token.
    pub fn by(self, person: &Person) -> Self {
        self.bearer(&person.token)
    }

    /// Sets `If-Match`.
    pub fn if_match(self, tags: &str) -> Self {
        self.header("If-Match", tags)
    }

    /// Sets `If-None-Match`.
    pub fn if_none_match(self, tags: &str) -> Self {
        self.header("If-None-Match", tags)
    }

    /// Sends JSON.
    #[expect(clippy::needless_pass_by_value, reason = "`json!` in a call reads best without a borrow")]
    pub fn json(self, body: Value) -> Self {
        self.bytes("application/json", body.to_string())
    }

    /// Sends a JSON merge patch.
    #[expect(clippy::needless_pass_by_value, reason = "`json!` in a call reads best without a borrow")]
    pub fn merge_patch(self, body: Value) -> Self {
        self.bytes("application/merge-patch+json", body.to_string())
    }

    /// Sends a form that is already encoded.
    pub fn form(self, body: &str) -> Self {
        self.bytes("application/x-www-form-urlencoded", body)
    }

    /// Sends a body with a media type.
    pub fn bytes(self, content_type: &str, body: impl AsRef<[u8]>) -> Self {
        self.header("Content-Type", content_type).body_without_type(body)
    }

    /// Sends a body without a media type.
    pub fn body_without_type(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = Some(body.as_ref().to_owned());
        self
    }

    /// Sends the request and checks the response against the contract.
    ///
    /// # Panics
    /// If there is no response, or if it violates the contract.
    #[must_use]
    pub fn send(self) -> Response {
        let what = format!("{} {}", self.method, self.path);
        self.try_send().unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    /// Sends the request to a server that may stop in the meantime.
    ///
    /// # Errors
    /// If no complete response arrives.
    pub fn try_send(self) -> Result<Response, ureq::Error> {
        let mut request = http::Request::builder().method(self.method.as_str());
        request = request.uri(self.connection.url(&self.path));
        for (name, value) in self.headers {
            request = request.header(name, http::HeaderValue::from_bytes(&value).unwrap());
        }
        let agent = self.connection.agent();
        let response = match self.body {
            Some(body) => agent.run(request.body(body)?)?,
            None => agent.run(request.body(())?)?,
        };
        let response = Response::receive(&self.method, &self.path, response)?;
        self.connection.contract().check(&response);
        Ok(response)
    }

    /// Sends the request until the response is not a 503. Does not wait as long as `Retry-After` asks.
    #[must_use]
    pub fn send_with_retries(self) -> Response {
        let (method, path, headers, body) = (self.method, self.path, self.headers, self.body);
        crate::wait_for("a response other than 503", || {
            let again = Request {
                connection: self.connection,
                method: method.clone(),
                path: path.clone(),
                headers: headers.clone(),
                body: body.clone(),
            };
            let response = again.send();
            if response.status() == 503 {
                std::thread::sleep(Duration::from_millis(20));
                return None;
            }
            Some(response)
        })
    }
}
