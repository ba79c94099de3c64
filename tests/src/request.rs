//! A request, a step at a time.

use crate::answer::Answer;
use crate::connection::Connection;
use crate::person::Person;
use serde_json::Value;
use std::time::Duration;
use ureq::http;

/// A request that is being put together.
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

    /// Adds a header; the same name may be added again.
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Shows an access token.
    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", format!("Bearer {token}"))
    }

    /// Shows a person's access token.
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

    /// Sends any bytes, under a type.
    pub fn bytes(self, content_type: &str, body: impl AsRef<[u8]>) -> Self {
        self.header("Content-Type", content_type).untyped(body)
    }

    /// Sends any bytes, under no type.
    pub fn untyped(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = Some(body.as_ref().to_owned());
        self
    }

    /// Sends it, and checks the answer against the contract.
    ///
    /// # Panics
    /// If there is no answer, or one that the contract does not have.
    #[must_use]
    pub fn send(self) -> Answer {
        let what = format!("{} {}", self.method, self.path);
        self.try_send().unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    /// Sends it to a server that may go away meanwhile.
    ///
    /// # Errors
    /// Whatever kept the answer from arriving whole.
    pub fn try_send(self) -> Result<Answer, ureq::Error> {
        let mut request = http::Request::builder().method(self.method.as_str());
        request = request.uri(self.connection.url(&self.path));
        for (name, value) in self.headers {
            request = request.header(name, http::HeaderValue::from_bytes(&value).unwrap());
        }
        let agent = self.connection.agent();
        let answer = match self.body {
            Some(body) => agent.run(request.body(body)?)?,
            None => agent.run(request.body(())?)?,
        };
        let answer = Answer::receive(&self.method, &self.path, answer)?;
        self.connection.contract().check(&answer);
        Ok(answer)
    }

    /// Sends it over and over while the answer is a 503, as the answer's `Retry-After` asks for, only sooner.
    #[must_use]
    pub fn send_patiently(self) -> Answer {
        let (method, path, headers, body) = (self.method, self.path, self.headers, self.body);
        crate::until("an answer other than 503", || {
            let again = Request {
                connection: self.connection,
                method: method.clone(),
                path: path.clone(),
                headers: headers.clone(),
                body: body.clone(),
            };
            let answer = again.send();
            if answer.status() == 503 {
                std::thread::sleep(Duration::from_millis(20));
                return None;
            }
            Some(answer)
        })
    }
}
