#![doc = include_str!("../README.md")]

mod bodies;
mod extract;
mod lists;
mod live;
mod middleware;
mod openapi;
mod operations;
mod problem;
mod reply;
mod routes;
mod server;
mod sockets;
#[cfg(test)]
mod tests;
mod verbatim;
mod views;

/// Asks a running server to stop.
pub use actix_web::dev::ServerHandle;
pub use live::Live;
pub use middleware::{FinishedRequest, HttpObserver, Network, NetworkError, TrustedProxies};
pub use openapi::openapi_document;
pub use operations::{HealthCheck, HealthProbe, MetricsAccess, MetricsSource, Operations};
pub use problem::Code;
pub use routes::KEY_SET_MAX_AGE;
pub use server::{BoundServer, HttpSettings, server};
pub use sockets::Sockets;
