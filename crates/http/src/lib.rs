#![doc = include_str!("../README.md")]

mod audit_list;
mod audit_view;
mod bodies;
mod extract;
mod machine_bodies;
mod machine_list;
mod machine_views;
mod middleware;
mod oauth_forms;
mod oauth_views;
mod openapi;
mod operations;
mod page;
mod problem;
mod reply;
mod routes;
mod server;
mod sockets;
#[cfg(test)]
mod tests;
mod user_list;
mod verbatim;
mod views;

pub use middleware::{FinishedRequest, HttpObserver, Network, NetworkFault, TrustedProxies};
pub use openapi::openapi_document;
pub use operations::{HealthCheck, HealthProbe, MetricsAccess, MetricsSource, Operations};
pub use problem::Code;
pub use server::{HttpSettings, server};
pub use sockets::Sockets;
