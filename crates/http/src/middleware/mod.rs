//! The layers that every request passes through.
//!
//! From the outside in: [`Edge`] (request id, client address, metrics, headers, access log, the body of problems),
//! `TracingLogger` (one small span) while debug is logged, CORS if it is on, and, in each resource, [`shield`] (panics,
//! `Accept`).

mod context;
mod cors;
mod edge;
mod replaceable;
mod shield;
mod span;

pub(crate) use context::{Caller, RequestContext, RequestIds};
pub(crate) use cors::CorsPlan;
pub(crate) use edge::Edge;
pub(crate) use replaceable::ReplaceableLayer;
pub(crate) use shield::{json_only, shield};
pub(crate) use span::SpanPlan;
