//! The layers directly around a resource's handlers.

use crate::accepted::weight;
use crate::code::Code;
use crate::problem::Problem;
use actix_web::Error;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use futures_util::FutureExt;
use std::any::Any;
use std::panic::AssertUnwindSafe;

/// Turns a panic into a 500. What the handler owned is dropped; what it shares with others stays consistent through
/// its own guards.
pub(crate) async fn shield(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let kept = request.request().clone();
    let outcome = AssertUnwindSafe(async move { next.call(request).await }).catch_unwind().await;
    outcome.unwrap_or_else(|panic| {
        let problem = Problem::new(Code::Internal).with_cause(message(panic.as_ref()));
        Ok(ServiceResponse::from_err(problem, kept))
    })
}

/// A [`shield`] that also refuses clients that do not accept JSON, before the handler runs (RFC 9110, section 12.5.1).
/// `DELETE` has an empty response, so any `Accept` will do.
pub(crate) async fn json_only(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if request.method() != Method::DELETE && weight(request.headers(), "application/json") <= 0.0 {
        return Ok(request.error_response(Problem::new(Code::NotAcceptable)));
    }
    shield(request, next).await
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("panic: {}", text.unwrap_or("without a message"))
}
