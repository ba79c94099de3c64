#![doc = include_str!("../README.md")]

mod accepted;
mod api;
mod bodies;
mod code;
mod cors_rules;
mod document;
mod extract;
mod lists;
mod live;
mod middleware;
mod oauth;
mod observer;
mod openapi;
mod operations;
mod problem;
mod proxies;
mod rendered;
mod reply;
mod router;
mod routes;
mod rules;
mod server;
mod settings;
mod sockets;
mod streamed;
#[cfg(test)]
mod tests;
mod verbatim;
mod views;

/// Tells a running server to stop.
pub use actix_web::dev::ServerHandle;
pub use code::Code;
pub use document::openapi_document;
pub use live::Live;
pub use observer::{FinishedRequest, HttpObserver};
pub use operations::{HealthCheck, HealthProbe, MetricsAccess, MetricsSource, Operations};
pub use proxies::TrustedProxies;
pub use routes::keys::KEY_SET_MAX_AGE;
pub use server::{BoundServer, server};
pub use settings::HttpSettings;
pub use sockets::Sockets;
