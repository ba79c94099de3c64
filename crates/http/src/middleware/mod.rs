//! What every request passes: identity, time, headers, the access log, a net for panics.
//!
//! From the outside in: [`Edge`] (request id, client address, metrics, headers, the body of problems),
//! `TracingLogger` (one lean span) while debug is logged, CORS while it is on, and, inside each resource, [`shield`]
//! (panics, `Accept`).

mod changing;
mod client;
mod context;
mod cors;
mod edge;
mod oauth;
mod observer;
mod shield;
mod span;

pub(crate) use changing::{Changing, LayerPlan};
pub use client::{Network, NetworkError, TrustedProxies};
pub(crate) use context::{Caller, RequestContext, RequestIds};
pub(crate) use cors::{CorsPlan, CorsRules};
pub(crate) use edge::Edge;
pub(crate) use oauth::oauth_errors;
pub use observer::{FinishedRequest, HttpObserver};
pub(crate) use shield::{json_only, shield};
pub(crate) use span::SpanPlan;
