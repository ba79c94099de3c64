use crate::TokenAuthenticator;
use crate::actix::{Authenticated, Authorized, MaybeAuthenticated, Permit, bearer_token};
use crate::test_kit::TestIssuer;
use crate::token::Claims;
use actix_web::body::to_bytes;
use actix_web::http::header::{self, HeaderMap};
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{App, Responder};
use serde_json::Value;
use std::sync::Arc;

struct ReadOrders;

impl Permit for ReadOrders {
    const NAME: &'static str = "orders:read";
}

struct Ship;

impl Permit for Ship {
    const NAME: &'static str = "orders:ship";

    fn is_held_by(caller: &Arc<Claims>) -> bool {
        caller.roles.contains("clerk")
    }
}

fn routes(config: &mut ServiceConfig) {
    config
        .route("/me", web::get().to(async |caller: Authenticated| caller.sub.to_string()))
        .route("/maybe", web::get().to(async |caller: MaybeAuthenticated| caller.0.is_some().to_string()))
        .route("/orders", web::get().to(read))
        .route("/ship", web::get().to(async |caller: Authorized<Ship>| caller.sub.to_string()));
}

async fn read(caller: Authorized<ReadOrders>) -> impl Responder {
    caller.sub.to_string()
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

async fn ask(authenticator: Option<TokenAuthenticator>, path: &str, authorization: Option<&str>) -> Reply {
    let mut app = App::new().configure(routes);
    if let Some(authenticator) = authenticator {
        app = app.app_data(Data::new(authenticator));
    }
    let service = init_service(app).await;
    let mut request = TestRequest::get().uri(path);
    if let Some(value) = authorization {
        request = request.insert_header((header::AUTHORIZATION, value));
    }
    let response = call_service(&service, request.to_request()).await;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = to_bytes(response.into_body()).await.unwrap_or_default();
    Reply { status, headers, body: String::from_utf8(body.to_vec()).unwrap() }
}

async fn show(issuer: &TestIssuer, path: &str, token: &str) -> Reply {
    ask(Some(issuer.authenticator()), path, Some(&format!("Bearer {token}"))).await
}

#[actix_web::test]
async fn a_caller_with_a_good_token_is_identified() {
    let issuer = TestIssuer::new("orders");
    let reply = show(&issuer, "/me", &issuer.token().mint()).await;
    assert_eq!((reply.status, reply.body), (200, TestIssuer::user().to_string()));
}

#[actix_web::test]
async fn a_request_without_a_token_is_challenged() {
    let issuer = TestIssuer::new("orders");
    for authorization in [None, Some("Basic YTpi"), Some("Bearer"), Some("")] {
        let reply = ask(Some(issuer.authenticator()), "/me", authorization).await;
        assert_eq!((reply.status, reply.code().as_str()), (401, "authentication_required"));
        assert_eq!(reply.header(header::WWW_AUTHENTICATE), Some("Bearer"));
        assert_eq!(reply.header(header::CONTENT_TYPE), Some("application/problem+json"));
        assert_eq!(reply.header(header::CACHE_CONTROL), Some("no-store"));
    }
}

#[actix_web::test]
async fn a_bad_token_is_rejected_even_where_none_is_required() {
    let issuer = TestIssuer::new("orders");
    for token in [
        issuer.token().expired().mint(),
        issuer.token().audience("other").mint(),
        issuer.token().issuer("https://other.test").mint(),
        TestIssuer::new("orders").token().mint(),
        "no.such.token".to_owned(),
        String::new(),
    ] {
        for path in ["/me", "/maybe", "/orders"] {
            let reply = show(&issuer, path, &token).await;
            assert_eq!((reply.status, reply.code().as_str()), (401, "invalid_token"), "{path} {token}");
            assert_eq!(reply.header(header::WWW_AUTHENTICATE), Some("Bearer error=\"invalid_token\""));
        }
    }
}

#[actix_web::test]
async fn a_permission_comes_from_the_scope_or_the_permit() {
    let issuer = TestIssuer::new("orders");
    let reader = issuer.token().scope("orders:read users:read").mint();
    let clerk = issuer.token().roles(["clerk"]).mint();
    assert_eq!(show(&issuer, "/orders", &reader).await.status, 200);
    assert_eq!(show(&issuer, "/ship", &clerk).await.status, 200);
    for (path, token, name) in [("/orders", clerk, "orders:read"), ("/ship", reader, "orders:ship")] {
        let reply = show(&issuer, path, &token).await;
        assert_eq!((reply.status, reply.code().as_str()), (403, "permission_denied"));
        let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{name}\"");
        assert_eq!(reply.header(header::WWW_AUTHENTICATE), Some(&*challenge));
    }
}

#[actix_web::test]
async fn an_optional_token_may_be_missing() {
    let issuer = TestIssuer::new("orders");
    let reply = ask(Some(issuer.authenticator()), "/maybe", None).await;
    assert_eq!((reply.status, reply.body.as_str()), (200, "false"));
    let reply = show(&issuer, "/maybe", &issuer.token().mint()).await;
    assert_eq!((reply.status, reply.body.as_str()), (200, "true"));
}

#[actix_web::test]
async fn an_application_without_an_authenticator_accepts_nobody() {
    let reply = ask(None, "/me", Some("Bearer a.b.c")).await;
    assert_eq!((reply.status, reply.code().as_str()), (500, "internal_error"));
}

#[test]
fn a_token_is_read_only_from_the_authorization_header() {
    let token = |value: &str| {
        let request = TestRequest::get().insert_header((header::AUTHORIZATION, value)).to_http_request();
        bearer_token(&request).map(ToOwned::to_owned)
    };
    assert_eq!(token("bEARER  a.b.c "), Some("a.b.c".to_owned()));
    assert_eq!(token("Bearer"), None);
    let query = TestRequest::get().uri("/me?access_token=a.b.c").to_http_request();
    assert_eq!(bearer_token(&query), None);
}
