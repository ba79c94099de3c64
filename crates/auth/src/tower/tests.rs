use super::{AuthLayer, Caller};
use crate::test_kit::TestIssuer;
use http::{HeaderMap, Request, Response, header};
use serde_json::Value;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use tower_layer::Layer as _;
use tower_service::Service;

/// Responds with the caller's id.
#[derive(Clone)]
struct WhoAmI;

impl Service<Request<()>> for WhoAmI {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Ready<Result<Response<String>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        let caller = request.extensions().get::<Caller>();
        let id = caller.map_or_else(|| "nobody".to_owned(), |caller| caller.sub.to_string());
        ready(Ok(Response::new(id)))
    }
}

/// A response.
struct Reply {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Reply {
    fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    fn code(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(body["status"], self.status);
        body["code"].as_str().unwrap().to_owned()
    }
}

fn call(layer: &AuthLayer, authorization: Option<&str>) -> Reply {
    let mut request = Request::new(());
    if let Some(value) = authorization {
        request.headers_mut().insert(header::AUTHORIZATION, value.parse().unwrap());
    }
    let mut future = pin!(layer.layer(WhoAmI).call(request));
    let Poll::Ready(Ok(response)) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("nothing to wait for");
    };
    let (parts, body) = response.into_parts();
    Reply { status: parts.status.as_u16(), headers: parts.headers, body }
}

fn bearer(layer: &AuthLayer, token: &str) -> Reply {
    call(layer, Some(&format!("Bearer {token}")))
}

#[test]
fn the_inner_service_learns_who_calls() {
    let issuer = TestIssuer::new("orders");
    let reply = bearer(&AuthLayer::new(issuer.authenticator()), &issuer.token().mint());
    assert_eq!((reply.status, reply.body), (200, TestIssuer::user().to_string()));
}

#[test]
fn a_request_without_a_token_is_challenged() {
    let layer = AuthLayer::new(TestIssuer::new("orders").authenticator());
    for authorization in [None, Some("Basic YTpi"), Some("Bearer"), Some("")] {
        let reply = call(&layer, authorization);
        assert_eq!((reply.status, reply.code().as_str()), (401, "authentication_required"));
        assert_eq!(reply.header(header::WWW_AUTHENTICATE), Some("Bearer"));
        assert_eq!(reply.header(header::CONTENT_TYPE), Some("application/problem+json"));
        assert_eq!(reply.header(header::CACHE_CONTROL), Some("no-store"));
    }
}

#[test]
fn a_bad_token_is_rejected_even_where_none_is_required() {
    let issuer = TestIssuer::new("orders");
    let layer = AuthLayer::new(issuer.authenticator());
    for token in [issuer.token().expired().mint(), "no.such.token".to_owned(), String::new()] {
        for layer in [layer.clone(), layer.clone().optional(), layer.clone().with_scope("orders:read")] {
            let reply = bearer(&layer, &token);
            assert_eq!((reply.status, reply.code().as_str()), (401, "invalid_token"), "{token}");
            assert_eq!(reply.header(header::WWW_AUTHENTICATE), Some("Bearer error=\"invalid_token\""));
        }
    }
}

#[test]
fn an_optional_token_may_be_missing() {
    let issuer = TestIssuer::new("orders");
    let layer = AuthLayer::new(issuer.authenticator()).optional();
    assert_eq!(call(&layer, None).body, "nobody");
    assert_eq!(bearer(&layer, &issuer.token().mint()).body, TestIssuer::user().to_string());
}

#[test]
fn a_permission_is_held_by_scope_or_as_the_layer_decides() {
    let issuer = TestIssuer::new("orders");
    let layer = AuthLayer::new(issuer.authenticator());
    let by_scope = layer.clone().with_scope("orders:read");
    let by_role = layer.with_permission("orders:ship", |claims| claims.roles.contains("clerk"));
    let (reader, clerk) =
        (issuer.token().scope("orders:read").mint(), issuer.token().roles(["clerk"]).mint());
    assert_eq!((bearer(&by_scope, &reader).status, bearer(&by_role, &clerk).status), (200, 200));
    for (layer, token, name) in [(by_scope, clerk, "orders:read"), (by_role, reader, "orders:ship")] {
        let reply = bearer(&layer, &token);
        assert_eq!((reply.status, reply.code().as_str()), (403, "permission_denied"));
        let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{name}\"");
        assert_eq!(reply.header(header::WWW_AUTHENTICATE), Some(&*challenge));
    }
}
