//! The HTTP API: routes, views, problem details and the OpenAPI document.
//!
//! A request passes the [`middleware`](RequestContext), an extractor (who, may they), a body of raw values
//! that is validated as a whole, one use case of `roster-service`, and leaves as a view. Errors leave through
//! one table, [`Code`], as problem details (RFC 9457).
//!
//! ```no_run
//! # fn main() -> std::io::Result<()> {
//! # let roster: std::sync::Arc<roster_service::Roster> = unimplemented!();
//! # let operations: roster_http::Operations = unimplemented!();
//! let settings = roster_http::HttpSettings::default();
//! let (server, addresses) = roster_http::server(roster, operations, &settings)?;
//! println!("listening on http://{}", addresses[0]);
//! # Ok(()) }
//! ```
//!
//! It does not read settings, open stores or set up logs: the binary does. It emits two kinds of events: `roster::access`,
//! one a request, and `roster::http`, one a failure of the server's own.

mod bodies;
mod extract;
mod list;
mod middleware;
mod openapi;
mod operations;
mod problem;
mod reply;
mod routes;
mod server;
#[cfg(test)]
mod tests;
mod verbatim;
mod views;

pub use middleware::{
    FinishedRequest, HttpObserver, Network, NetworkFault, RequestContext, TrustedProxies, Unobserved,
};
pub use openapi::openapi_document;
pub use operations::{HealthCheck, HealthProbe, MetricsAccess, MetricsSource, Operations};
pub use problem::{Code, Fault, Problem};
pub use server::{HttpSettings, server};
