//! The span of a request.

use super::RequestContext;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::{Error, HttpMessage};
use tracing::Span;
use tracing_actix_web::RootSpanBuilder;

/// One span a request, which carries the request's id down to whatever is logged on the way.
///
/// It exists at `debug` and below. A full span costs more than the rest of a cached read, and at `info` the
/// access event and the error event of [`super::Edge`] name the id themselves.
pub(crate) struct LeanSpan;

impl LeanSpan {
    /// Whether spans are seen by anybody: what is logged is settled at the start.
    pub(crate) fn is_wanted() -> bool {
        tracing::span_enabled!(target: "roster::request", tracing::Level::DEBUG)
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
