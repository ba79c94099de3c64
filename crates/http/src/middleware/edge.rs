//! The outermost layer.

use super::context::{Caller, REQUEST_ID, RequestContext, RequestIds, address_label};
use super::cors::refusal;
use crate::live::Live;
use crate::observer::{FinishedRequest, HttpObserver, method_label};
use crate::problem::Problem;
use actix_cors::CorsError;
use actix_web::body::{BoxBody, EitherBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, Method};
use actix_web::{Error, HttpMessage, HttpRequest};
use futures_util::future::LocalBoxFuture;
use std::future::{Ready, ready};
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// Gives each request its context, and each response its headers, its log line and, if it is a problem, its body.
#[derive(Clone)]
pub(crate) struct Edge {
    pub(crate) ids: Arc<RequestIds>,
    pub(crate) live: Arc<Live>,
    pub(crate) observer: Arc<dyn HttpObserver>,
}

/// One per worker: a request clones the `Rc`, whose count no other worker touches, instead of the `Arc`s inside.
pub(crate) struct EdgeService<S> {
    edge: Rc<Edge>,
    inner: Rc<S>,
}

/// Counts a request as abandoned if it is dropped without a response.
struct InFlight {
    edge: Rc<Edge>,
    responded: bool,
}

impl<S, B> Transform<S, ServiceRequest> for Edge
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: 'static,
{
    type Response = ServiceResponse<EitherBody<B, BoxBody>>;
    type Error = Error;
    type Transform = EdgeService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(EdgeService { edge: Rc::new(self.clone()), inner: Rc::new(inner) }))
    }
}

impl<S, B> Service<ServiceRequest> for EdgeService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: 'static,
{
    type Response = ServiceResponse<EitherBody<B, BoxBody>>;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Error>>;

    forward_ready!(inner);

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        let client = self.edge.client(&request);
        let context = RequestContext::new(&request, client, &self.edge.ids);
        if request.method() == Method::HEAD {
            // actix still treats the request as HEAD, and omits the body (RFC 9110, section 9.3.2).
            request.head_mut().method = Method::GET;
        }
        request.extensions_mut().insert(context.clone());
        let in_flight = InFlight::new(&self.edge);
        let response = self.inner.call(request);
        Box::pin(async move {
            let live = &in_flight.edge.live;
            let mut response = finish(response.await?, &context, live);
            if live.is_draining() {
                response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
            }
            in_flight.finish(response.request(), response.status().as_u16(), &context);
            Ok(response)
        })
    }
}

impl Edge {
    /// The client's address, behind trusted proxies.
    fn client(&self, request: &ServiceRequest) -> Option<IpAddr> {
        let forwarding = self.live.forwarding();
        let client = forwarding.proxies.client(request.peer_addr(), request.headers());
        if forwarding.proxies.ignores(request.peer_addr(), request.headers()) {
            forwarding.untrusted_proxy.call_once(|| warn_of_untrusted_proxy(client));
        }
        client
    }
}

/// All clients behind such a proxy share its address in the audit log, the hash queue and the limits.
fn warn_of_untrusted_proxy(peer: Option<IpAddr>) {
    tracing::warn!(
        peer = peer.map(tracing::field::display),
        "a peer that is not in server.trusted_proxies forwarded a request: it counts as the peer's own request. If \
         the peer is your proxy, add it, or all its clients share their limits. This is logged once"
    );
}

/// The response as the client receives it.
fn finish<B>(
    response: ServiceResponse<B>,
    context: &RequestContext,
    live: &Live,
) -> ServiceResponse<EitherBody<B, BoxBody>> {
    let mut response = match response.response().error() {
        Some(error) => {
            let foreign = || match error.as_error::<CorsError>() {
                Some(refused) => refusal(refused, &live.cors().headers),
                None => Problem::of_status(response.status()).with_cause(error.to_string()),
            };
            let problem = error.as_error::<Problem>();
            problem.map_or_else(
                || with_problem(&response, &foreign(), context),
                |p| with_problem(&response, p, context),
            )
        }
        None => response.map_into_left_body(),
    };
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Ok(id) = HeaderValue::from_str(context.id()) {
        headers.insert(HeaderName::from_static(REQUEST_ID), id);
    }
    response
}

/// The same response with the problem as its body. Headers from inner layers are kept.
fn with_problem<B>(
    response: &ServiceResponse<B>,
    problem: &Problem,
    context: &RequestContext,
) -> ServiceResponse<EitherBody<B, BoxBody>> {
    if response.status().is_server_error() {
        tracing::error!(target: "roster::http", request_id = context.id(), error = problem.with_causes(), "request failed");
    }
    let request = response.request().clone();
    let mut rendered = problem.render(context.id(), request.path());
    for (name, value) in response.headers() {
        if !rendered.headers().contains_key(name) {
            rendered.headers_mut().append(name.clone(), value.clone());
        }
    }
    ServiceResponse::new(request, rendered.map_into_right_body())
}

impl InFlight {
    fn new(edge: &Rc<Edge>) -> Self {
        edge.observer.request_started();
        Self { edge: Rc::clone(edge), responded: false }
    }

    fn finish(mut self, request: &HttpRequest, status: u16, context: &RequestContext) {
        self.responded = true;
        let pattern = request.match_pattern();
        let route = pattern.as_deref().unwrap_or("unmatched");
        let method = method_label(context.method());
        let duration = context.started().elapsed();
        self.edge.observer.request_finished(&FinishedRequest { method, route, status, duration });
        log(method, route, status, duration, context);
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if !self.responded {
            self.edge.observer.request_abandoned();
        }
    }
}

/// The paths that load balancers and container engines request every few seconds.
const PROBES: [&str; 3] = ["/health", "/health/live", "/health/ready"];

/// Logs the request in one line, at `debug` for probes and at `info` for all others. A failed probe is also logged as a
/// failed request.
fn log(method: &str, route: &str, status: u16, duration: Duration, context: &RequestContext) {
    macro_rules! line {
        ($level:expr) => {{
            let caller = context.caller();
            let (principal, client) = (caller.map(Caller::label), context.client().map(address_label));
            tracing::event!(
                target: "roster::access",
                $level,
                method,
                route,
                status,
                latency_us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX),
                request_id = context.id(),
                principal = principal.as_deref(),
                api_key = caller.and_then(Caller::api_key).map(tracing::field::display),
                client = client.as_deref(),
            );
        }};
    }
    if PROBES.contains(&route) { line!(tracing::Level::DEBUG) } else { line!(tracing::Level::INFO) }
}
