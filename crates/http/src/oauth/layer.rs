//! The layer around OAuth endpoints.

use super::errors::render;
use crate::middleware::RequestContext;
use crate::problem::Problem;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};

/// Sends problems in the form of OAuth, and forbids caching (RFC 6749, sections 5.1 and 5.2).
pub(super) async fn oauth_errors(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let kept = request.request().clone();
    let response = match next.call(request).await {
        Ok(response) => response,
        Err(error) => ServiceResponse::from_err(error, kept),
    };
    let problem = response.response().error().map(|error| {
        let foreign = || Problem::of_status(response.status()).with_cause(error.to_string());
        error.as_error::<Problem>().map_or_else(|| respond(&response, &foreign()), |p| respond(&response, p))
    });
    let mut response = problem.unwrap_or(response);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    Ok(response)
}

fn respond(response: &ServiceResponse<BoxBody>, problem: &Problem) -> ServiceResponse<BoxBody> {
    let request = response.request().clone();
    if problem.code().status().is_server_error() {
        let context = request.extensions().get::<RequestContext>().cloned();
        let request_id = context.as_ref().map(RequestContext::id);
        tracing::error!(target: "roster::http", request_id, error = problem.with_causes(), "request failed");
    }
    ServiceResponse::new(request, render(problem))
}
