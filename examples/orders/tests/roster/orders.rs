//! The service under test and its clients.

use roster_tests::Process;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use tempfile::TempDir;
use ureq::Agent;
use ureq::http;

/// The example under test: these tests are compiled once for each.
const PROGRAM: &str = match (option_env!("CARGO_BIN_EXE_orders"), option_env!("CARGO_BIN_EXE_orders-axum")) {
    (Some(program), _) | (None, Some(program)) => program,
    (None, None) => unreachable!(),
};

/// The running service, with its own folder.
pub(crate) struct Orders {
    process: Process,
    agent: Agent,
    folder: TempDir,
}

/// The command to start it.
pub(crate) struct Setup {
    command: Command,
    folder: TempDir,
}

/// Its response.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) challenge: Option<String>,
    pub(crate) media: Option<String>,
    pub(crate) body: Value,
}

impl Setup {
    pub(crate) fn new() -> Self {
        let mut command = Command::new(PROGRAM);
        command.args(["--listen", "127.0.0.1:0"]).env_clear().stdin(Stdio::null());
        Self { command, folder: TempDir::new().unwrap() }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.command.args([name, value]);
        self
    }

    /// An argument with the path of a file with this text.
    pub(crate) fn with_file(mut self, name: &str, text: &str) -> Self {
        let file: PathBuf = self.folder.path().join(name.trim_start_matches("--"));
        fs::write(&file, text).unwrap();
        self.command.arg(name).arg(file);
        self
    }

    pub(crate) fn start(self) -> Orders {
        let process = Process::start(self.command, self.folder.path());
        let agent = Agent::config_builder().http_status_as_error(false).build().new_agent();
        Orders { process, agent, folder: self.folder }
    }
}

impl Orders {
    pub(crate) fn get(&self, path: &str, token: Option<&str>) -> Response {
        let mut request = self.agent.get(format!("{}{path}", self.process.base));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        Response::read(request.call().unwrap())
    }

    /// Requests the caller's own orders.
    pub(crate) fn own(&self, token: &str) -> Response {
        self.get("/orders", Some(token))
    }

    pub(crate) fn place(&self, token: &str, item: &str) -> Response {
        self.post(token, "application/json", &serde_json::json!({ "item": item }).to_string())
    }

    /// Sends a body instead of a new order.
    pub(crate) fn post(&self, token: &str, media: &str, body: &str) -> Response {
        let request = self.agent.post(format!("{}/orders", self.process.base));
        let request =
            request.header("authorization", format!("Bearer {token}")).header("content-type", media);
        Response::read(request.send(body).unwrap())
    }

    /// The log of the service.
    pub(crate) fn stderr(&self) -> String {
        fs::read_to_string(self.folder.path().join("stderr.log")).unwrap()
    }
}

impl Response {
    fn read(mut response: http::Response<ureq::Body>) -> Self {
        let header = |name| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        Self {
            status: response.status().as_u16(),
            challenge: header("www-authenticate"),
            media: header("content-type"),
            body: response.body_mut().read_json().unwrap(),
        }
    }

    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    #[track_caller]
    pub(crate) fn must_be_rejected(&self) {
        assert_eq!((self.status, self.code()), (401, "invalid_token"), "{self:?}");
        assert_eq!(self.challenge.as_deref(), Some("Bearer error=\"invalid_token\""));
    }

    #[track_caller]
    pub(crate) fn must_be_good(&self) {
        assert_eq!(self.status / 100, 2, "{self:?}");
    }
}
