//! Settings that change access tokens, and checks that they cannot switch off.

use crate::minting::{claims, header, signed};
use crate::oauth::service_account;
use jsonwebtoken::{Header, decode_header};
use roster_tests::{PASSWORD, Person, SECRET, Server, Setup};
use serde_json::{Value, json};

const ISSUER: &str = "https://id.example.org";

/// A server whose settings make its tokens as similar as possible to other JWTs with the same secret.
fn permissive() -> Server {
    Setup::new()
        .set("auth.audience", "")
        .set("auth.token_type", "JWT")
        .set("auth.issuer", ISSUER)
        .set("auth.token_claims", "username,role")
        .start()
}

/// The status of a request whose token has this type and these claims.
fn status(server: &Server, typ: &str, claims: &Value) -> u16 {
    let header = Header { typ: Some(typ.to_owned()), ..header() };
    server.get("/users/me").bearer(&signed(&header, claims, SECRET)).send().status()
}

/// These claims with one replaced, or removed if `value` is null.
fn changed(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    if value.is_null() {
        claims.as_object_mut().unwrap().remove(name);
    } else {
        claims[name] = value;
    }
    claims
}

#[test]
fn an_empty_audience_omits_the_claim_and_accepts_only_tokens_without_it() {
    let server = Setup::new().set("auth.audience", "").start();
    let ada = server.register("ada");
    let token_claims = claims(&ada.token);
    assert_eq!(token_claims.get("aud"), None);
    server.get("/users/me").by(&ada).send().must_be(200);
    assert_eq!(status(&server, "at+jwt", &token_claims), 200);
    assert_eq!(status(&server, "at+jwt", &changed(&token_claims, "aud", json!("roster"))), 401);
    let machine = service_account(&server, &server.admin(), "gateway", &["tokens:introspect"]);
    let request = server.post("/oauth/introspect").bearer(&machine.secret);
    let introspection = request.form(&format!("token={}", ada.token)).send().must_be(200).json();
    assert_eq!((&introspection["active"], introspection.get("aud")), (&json!(true), None));
    let machine_token = machine.token(&server, &[]).must_be(200).string("access_token");
    assert_eq!(claims(&machine_token).get("aud"), None);
    let introspect = server.post("/oauth/introspect").bearer(&machine_token);
    introspect.form(&format!("token={}", ada.token)).send().must_be(200);
}

#[test]
fn the_token_type_is_a_setting() {
    let server = Setup::new().set("auth.token_type", "JWT").start();
    let ada = server.register("ada");
    assert_eq!(decode_header(&ada.token).unwrap().typ.as_deref(), Some("JWT"));
    server.get("/users/me").by(&ada).send().must_be(200);
    let token_claims = claims(&ada.token);
    assert_eq!(status(&server, "at+jwt", &token_claims), 200, "tokens issued before the change");
    for typ in ["", "secevent+jwt", "dpop+jwt"] {
        assert_eq!(status(&server, typ, &token_claims), 401, "{typ}");
    }
    let usual = Server::start();
    let bob = usual.register("bob");
    assert_eq!(decode_header(&bob.token).unwrap().typ.as_deref(), Some("at+jwt"));
    assert_eq!(status(&usual, "JWT", &claims(&bob.token)), 401);
}

#[test]
fn changing_the_audience_or_type_keeps_sessions() {
    let mut server = Server::start();
    let ada = server.register("ada");
    server.restart_with(|setup| {
        setup.set("auth.audience", "").set("auth.token_type", "JWT").set("auth.issuer", ISSUER)
    });
    server.get("/users/me").by(&ada).send().must_be_problem(401, "invalid_token");
    let ada = server.refresh(&ada.refresh_token);
    server.get("/users/me").by(&ada).send().must_be(200);
}

/// Creates a user with every field that can be a claim, and returns the claims of their token.
fn create_described_user(server: &Server, roles: &Value) -> (Person, Value) {
    let body = json!({
        "username": "Ada", "email": "Ada@Example.org", "password": PASSWORD, "display_name": "Ada Lovelace",
        "external_id": "emp-7", "email_verified": true, "roles": roles,
    });
    server.post("/users").by(&server.admin()).json(body).send().must_be(201);
    let ada = server.log_in("Ada", PASSWORD);
    let token_claims = claims(&ada.token);
    (ada, token_claims)
}

#[test]
fn configured_claims_describe_the_user() {
    let all = "username, email, email_verified, external_id, display_name, role";
    let server = Setup::new().set("auth.token_claims", all).start();
    let (ada, token_claims) = create_described_user(&server, &json!(["clerk", "admin", "user"]));
    let user = server.get("/users/me").by(&ada).send().must_be(200).json();
    for name in ["username", "email", "email_verified", "external_id", "display_name"] {
        assert_eq!(token_claims[name], user[name], "{name}");
    }
    assert_eq!(token_claims["role"], "admin");
    let plain = json!({ "username": "bob", "password": PASSWORD, "roles": ["user", "clerk"] });
    server.post("/users").by(&ada).json(plain).send().must_be(201);
    let token_claims = claims(&server.log_in("bob", PASSWORD).token);
    assert_eq!((&token_claims["username"], &token_claims["role"]), (&json!("bob"), &json!("clerk")));
    for absent in ["email", "email_verified", "external_id", "display_name"] {
        assert_eq!(token_claims.get(absent), None, "{absent}");
    }
    let gateway = service_account(&server, &ada, "gateway", &["users:read"]).token(&server, &[]);
    assert_eq!(claims(&gateway.must_be(200).string("access_token")).get("username"), None);
}

#[test]
fn a_token_has_only_the_required_claims_by_default() {
    let server = Server::start();
    let (_, token_claims) = create_described_user(&server, &json!(["user"]));
    for name in ["username", "email", "email_verified", "external_id", "display_name", "role"] {
        assert_eq!(token_claims.get(name), None, "{name}");
    }
    let one = Setup::new().set("auth.token_claims", "email").start();
    let (_, token_claims) = create_described_user(&one, &json!(["user"]));
    assert_eq!((&token_claims["email"], token_claims.get("username")), (&json!("Ada@Example.org"), None));
}

#[test]
fn a_token_always_requires_its_own_session() {
    let server = permissive();
    let (ada, bob) = (server.register("ada"), server.register("bob"));
    let token_claims = claims(&ada.token);
    assert_eq!(status(&server, "JWT", &token_claims), 200);
    for needed in ["iss", "sub", "jti", "epoch", "sid", "exp", "iat"] {
        assert_eq!(
            status(&server, "JWT", &changed(&token_claims, needed, Value::Null)),
            401,
            "without {needed}"
        );
    }
    for (name, value) in [
        ("iss", json!("roster")),
        ("iss", json!("")),
        ("sub", json!(bob.id)),
        ("sub", json!("ada")),
        ("jti", json!("")),
        ("epoch", json!(99)),
        ("sid", claims(&bob.token)["sid"].clone()),
        ("sid", json!(ada.id)),
        ("aud", json!("orders")),
    ] {
        assert_eq!(
            status(&server, "JWT", &changed(&token_claims, name, value.clone())),
            401,
            "{name} = {value}"
        );
    }
    server.post("/auth/logout").by(&ada).send().must_be(204);
    assert_eq!(status(&server, "JWT", &token_claims), 401, "the session is revoked");
}

#[test]
fn a_token_from_another_program_with_the_same_secret_is_rejected() {
    let server = permissive();
    let ada = server.register("ada");
    let token_claims = claims(&ada.token);
    let exp = token_claims["exp"].clone();
    for foreign in [
        json!({ "sub": ada.id, "exp": exp }),
        json!({ "sub": ada.id, "exp": exp, "iss": ISSUER, "username": "ada", "role": "admin" }),
        json!({ "sub": "ada", "exp": exp, "iat": token_claims["iat"], "iss": ISSUER, "jti": "1" }),
    ] {
        assert_eq!(status(&server, "JWT", &foreign), 401, "{foreign}");
    }
}

#[test]
fn a_service_account_token_always_requires_its_own_key() {
    let server = permissive();
    let admin = server.admin();
    let backup = service_account(&server, &admin, "backup", &["users:read"]);
    let other = service_account(&server, &admin, "other", &["users:read"]);
    let token_of = |machine: &crate::oauth::ServiceAccount| {
        claims(&machine.token(&server, &[]).must_be(200).string("access_token"))
    };
    let (token_claims, others) = (token_of(&backup), token_of(&other));
    let status = |claims: &Value| {
        let header = Header { typ: Some("JWT".to_owned()), ..header() };
        server.get("/users").bearer(&signed(&header, claims, SECRET)).send().status()
    };
    assert_eq!(status(&token_claims), 200);
    for needed in ["iss", "sub", "jti", "epoch", "key"] {
        assert_eq!(status(&changed(&token_claims, needed, Value::Null)), 401, "without {needed}");
    }
    assert_eq!(
        status(&changed(&token_claims, "key", others["key"].clone())),
        401,
        "a key of another account"
    );
    server.delete(&backup.key_path).by(&admin).send().must_be(204);
    assert_eq!(status(&token_claims), 401, "the key is revoked");
}

#[test]
fn descriptive_claims_grant_nothing() {
    let server = permissive();
    let ada = server.register("ada");
    let token_claims = changed(&claims(&ada.token), "role", json!("admin"));
    let token_claims = changed(&token_claims, "roles", json!(["admin"]));
    let header = Header { typ: Some("JWT".to_owned()), ..header() };
    let forged = signed(&header, &token_claims, SECRET);
    server.get("/users/me").bearer(&forged).send().must_be(200);
    server.get("/users").bearer(&forged).send().must_be_problem(403, "permission_denied");
}
