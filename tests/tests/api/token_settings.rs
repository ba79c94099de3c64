//! What settings change about access tokens, and what they never change.

use crate::minting::{claims, header, signed};
use crate::oauth::machine;
use jsonwebtoken::{Header, decode_header};
use roster_tests::{PASSWORD, Person, SECRET, Server, Setup};
use serde_json::{Value, json};

const ISSUER: &str = "https://id.example.org";

/// A server whose tokens are as much like any other JWT of the same secret as settings can make them.
fn permissive() -> Server {
    Setup::new()
        .set("auth.audience", "")
        .set("auth.token_type", "JWT")
        .set("auth.issuer", ISSUER)
        .set("auth.token_claims", "username,role")
        .start()
}

/// What a server says to a token of this type that says this, signed by the shared secret.
fn status(server: &Server, typ: &str, claims: &Value) -> u16 {
    let header = Header { typ: Some(typ.to_owned()), ..header() };
    server.get("/users/me").bearer(&signed(&header, claims, SECRET)).send().status()
}

/// These claims, one of them replaced, or removed by null.
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
fn an_empty_audience_leaves_it_out_and_accepts_only_tokens_without_it() {
    let server = Setup::new().set("auth.audience", "").start();
    let ada = server.register("ada");
    let said = claims(&ada.token);
    assert_eq!(said.get("aud"), None);
    server.get("/users/me").by(&ada).send().must_be(200);
    assert_eq!(status(&server, "at+jwt", &said), 200);
    assert_eq!(status(&server, "at+jwt", &changed(&said, "aud", json!("roster"))), 401);
    let machine = machine(&server, &server.admin(), "gateway", &["tokens:introspect"]);
    let asked = server.post("/oauth/introspect").bearer(&machine.secret);
    let message = asked.form(&format!("token={}", ada.token)).send().must_be(200).json();
    assert_eq!((&message["active"], message.get("aud")), (&json!(true), None));
    let machine_token = machine.token(&server, &[]).must_be(200).text_of("access_token");
    assert_eq!(claims(&machine_token).get("aud"), None);
    let introspect = server.post("/oauth/introspect").bearer(&machine_token);
    introspect.form(&format!("token={}", ada.token)).send().must_be(200);
}

#[test]
fn the_type_of_tokens_is_a_setting() {
    let server = Setup::new().set("auth.token_type", "JWT").start();
    let ada = server.register("ada");
    assert_eq!(decode_header(&ada.token).unwrap().typ.as_deref(), Some("JWT"));
    server.get("/users/me").by(&ada).send().must_be(200);
    let said = claims(&ada.token);
    assert_eq!(status(&server, "at+jwt", &said), 200, "tokens of before the change");
    for typ in ["", "secevent+jwt", "dpop+jwt"] {
        assert_eq!(status(&server, typ, &said), 401, "{typ}");
    }
    let usual = Server::start();
    let bob = usual.register("bob");
    assert_eq!(decode_header(&bob.token).unwrap().typ.as_deref(), Some("at+jwt"));
    assert_eq!(status(&usual, "JWT", &claims(&bob.token)), 401);
}

#[test]
fn a_change_of_audience_or_type_ends_no_session() {
    let mut server = Server::start();
    let ada = server.register("ada");
    server.restart_with(|setup| {
        setup.set("auth.audience", "").set("auth.token_type", "JWT").set("auth.issuer", ISSUER)
    });
    server.get("/users/me").by(&ada).send().refused(401, "invalid_token");
    let ada = server.refresh(&ada.refresh_token);
    server.get("/users/me").by(&ada).send().must_be(200);
}

/// Somebody with every field that a token may name, and the claims of their token.
fn described(server: &Server, roles: &Value) -> (Person, Value) {
    let body = json!({
        "username": "Ada", "email": "Ada@Example.org", "password": PASSWORD, "display_name": "Ada Lovelace",
        "external_id": "emp-7", "email_verified": true, "roles": roles,
    });
    server.post("/users").by(&server.admin()).json(body).send().must_be(201);
    let ada = server.log_in("Ada", PASSWORD);
    let said = claims(&ada.token);
    (ada, said)
}

#[test]
fn token_claims_say_who_somebody_is() {
    let all = "username, email, email_verified, external_id, display_name, role";
    let server = Setup::new().set("auth.token_claims", all).start();
    let (ada, said) = described(&server, &json!(["clerk", "admin", "user"]));
    let user = server.get("/users/me").by(&ada).send().must_be(200).json();
    for name in ["username", "email", "email_verified", "external_id", "display_name"] {
        assert_eq!(said[name], user[name], "{name}");
    }
    assert_eq!(said["role"], "admin");
    let plain = json!({ "username": "bob", "password": PASSWORD, "roles": ["user", "clerk"] });
    server.post("/users").by(&ada).json(plain).send().must_be(201);
    let said = claims(&server.log_in("bob", PASSWORD).token);
    assert_eq!((&said["username"], &said["role"]), (&json!("bob"), &json!("clerk")));
    for absent in ["email", "email_verified", "external_id", "display_name"] {
        assert_eq!(said.get(absent), None, "{absent}");
    }
    let gateway = machine(&server, &ada, "gateway", &["users:read"]).token(&server, &[]);
    assert_eq!(claims(&gateway.must_be(200).text_of("access_token")).get("username"), None);
}

#[test]
fn a_token_says_no_more_than_it_has_to_unless_it_is_set_to() {
    let server = Server::start();
    let (_, said) = described(&server, &json!(["user"]));
    for name in ["username", "email", "email_verified", "external_id", "display_name", "role"] {
        assert_eq!(said.get(name), None, "{name}");
    }
    let one = Setup::new().set("auth.token_claims", "email").start();
    let (_, said) = described(&one, &json!(["user"]));
    assert_eq!((&said["email"], said.get("username")), (&json!("Ada@Example.org"), None));
}

#[test]
fn whatever_is_left_out_a_token_needs_a_session_of_its_own() {
    let server = permissive();
    let (ada, bob) = (server.register("ada"), server.register("bob"));
    let said = claims(&ada.token);
    assert_eq!(status(&server, "JWT", &said), 200);
    for needed in ["iss", "sub", "jti", "epoch", "sid", "exp", "iat"] {
        assert_eq!(status(&server, "JWT", &changed(&said, needed, Value::Null)), 401, "without {needed}");
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
        assert_eq!(status(&server, "JWT", &changed(&said, name, value.clone())), 401, "{name} = {value}");
    }
    // What a program that shares the secret issues to its own users.
    let exp = said["exp"].clone();
    for foreign in [
        json!({ "sub": ada.id, "exp": exp }),
        json!({ "sub": ada.id, "exp": exp, "iss": ISSUER, "username": "ada", "role": "admin" }),
        json!({ "sub": "ada", "exp": exp, "iat": said["iat"], "iss": ISSUER, "jti": "1" }),
    ] {
        assert_eq!(status(&server, "JWT", &foreign), 401, "{foreign}");
    }
    server.post("/auth/logout").by(&ada).send().must_be(204);
    assert_eq!(status(&server, "JWT", &said), 401, "the session is over");
}

#[test]
fn whatever_is_left_out_a_machines_token_needs_a_key_of_its_own() {
    let server = permissive();
    let admin = server.admin();
    let backup = machine(&server, &admin, "backup", &["users:read"]);
    let other = machine(&server, &admin, "other", &["users:read"]);
    let token_of = |machine: &crate::oauth::Machine| {
        claims(&machine.token(&server, &[]).must_be(200).text_of("access_token"))
    };
    let (said, others) = (token_of(&backup), token_of(&other));
    let status = |claims: &Value| {
        let header = Header { typ: Some("JWT".to_owned()), ..header() };
        server.get("/users").bearer(&signed(&header, claims, SECRET)).send().status()
    };
    assert_eq!(status(&said), 200);
    for needed in ["iss", "sub", "jti", "epoch", "key"] {
        assert_eq!(status(&changed(&said, needed, Value::Null)), 401, "without {needed}");
    }
    assert_eq!(status(&changed(&said, "key", others["key"].clone())), 401, "a key of another");
    server.delete(&backup.key_path).by(&admin).send().must_be(204);
    assert_eq!(status(&said), 401, "the key is revoked");
}

#[test]
fn what_a_token_says_of_somebody_grants_nothing() {
    let server = permissive();
    let ada = server.register("ada");
    let said = changed(&claims(&ada.token), "role", json!("admin"));
    let said = changed(&said, "roles", json!(["admin"]));
    let header = Header { typ: Some("JWT".to_owned()), ..header() };
    let forged = signed(&header, &said, SECRET);
    server.get("/users/me").bearer(&forged).send().must_be(200);
    server.get("/users").bearer(&forged).send().refused(403, "permission_denied");
}
