//! The span of a request.

use super::context::RequestContext;
use super::replaceable::LayerPlan;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::{Error, HttpMessage};
use tracing::Span;
use tracing_actix_web::{RootSpanBuilder, TracingLogger};

/// One span per request, which adds the request's id to everything logged inside it.
///
/// It exists at `debug` and below. A full span costs more than the rest of a cached read, and at `info` the access event
/// and the error event of the outermost layer have the id anyway.
pub(crate) struct LeanSpan;

/// Creates spans while debug is logged.
#[derive(Clone, Copy)]
pub(crate) struct SpanPlan;

impl LayerPlan for SpanPlan {
    type Layer = TracingLogger<LeanSpan>;

    fn version(&self) -> u64 {
        u64::from(tracing::span_enabled!(target: "roster::request", tracing::Level::DEBUG))
    }

    fn layer(&self) -> Option<Self::Layer> {
        (self.version() == 1).then(TracingLogger::new)
    }
}

impl RootSpanBuilder for LeanSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let extensions = request.extensions();
        let id = extensions.get::<RequestContext>().map(RequestContext::id);
        tracing::debug_span!(target: "roster::request", "request", request_id = id)
    }

    fn on_request_end<B: MessageBody>(_: Span, _: &Result<ServiceResponse<B>, Error>) {}
}
