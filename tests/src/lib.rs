//! Black-box tests over real HTTP, and tests of the architecture itself.
//!
//! The library is the kit: [`Setup`] starts the real binary on a free port with a folder of its own,
//! [`Client`] talks to it and holds every answer against the server's own OpenAPI document ([`Contract`]),
//! [`raw`] says what no HTTP client would. The tests are in `tests/`.
//!
//! ```no_run
//! let server = roster_tests::Server::start();
//! let ada = server.register("ada");
//! server.get("/users/me").by(&ada).send().must_be(200);
//! ```
//!
//! It knows Roster by its command line, its HTTP API and its files, and depends on none of its crates.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking, and this is the tests' kit"
)]

mod answer;
mod binary;
mod client;
mod connection;
mod contract;
mod people;
mod person;
mod process;
pub mod raw;
mod request;
mod schema;
mod server;
mod setup;
mod wait;

pub use answer::Answer;
pub use binary::binary;
pub use client::Client;
pub use contract::Contract;
pub use people::{ADMIN, ADMIN_PASSWORD, PASSWORD};
pub use person::Person;
pub use process::Process;
pub use request::Request;
pub use server::Server;
pub use setup::{SECRET, Setup};
pub use wait::{DEADLINE, until};
