//! Black-box tests over HTTP and tests of the architecture.
//!
//! This library is the test kit. [`Setup`] starts the real binary on a free port in a temporary folder.
//! [`Client`] sends requests and checks every response against the server's OpenAPI document ([`Contract`]).
//! [`raw`] sends bytes that no HTTP client would send. The tests are in `tests/`.
//!
//! ```no_run
//! let server = roster_tests::Server::start();
//! let ada = server.register("ada");
//! server.get("/users/me").by(&ada).send().must_be(200);
//! ```
//!
//! The kit uses the command line, the HTTP API and the files of Roster. It depends on none of its crates.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "tests fail by panicking, and this is their kit"
)]

mod binary;
mod client;
mod connection;
mod contract;
mod ending;
mod engine;
mod environment;
mod people;
mod person;
mod process;
pub mod raw;
mod request;
mod response;
mod schema;
mod server;
mod setup;
mod skip;
mod wait;

pub use binary::{binary, with_older_binary};
pub use client::Client;
pub use contract::Contract;
pub use ending::output_of;
pub use engine::Engine;
pub use people::{ADMIN, ADMIN_PASSWORD, PASSWORD};
pub use person::Person;
pub use process::Process;
pub use request::Request;
pub use response::Response;
pub use server::Server;
pub use setup::{SEALING_KEY, SECRET, Setup};
pub use skip::skip;
pub use wait::{DEADLINE, wait_for};
