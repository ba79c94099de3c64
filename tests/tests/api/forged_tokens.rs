//! Tokens that an attacker forges.

use crate::minting::{claims, forged, header, signed};
use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use jsonwebtoken::Header;
use roster_tests::{SECRET, Server, Setup};
use serde_json::json;

const HEADER: &str = r#"{"typ":"at+jwt","alg":"HS256"}"#;

pub(crate) fn must_be_rejected(server: &Server, token: &str, why: &str) {
    let response = server.get("/users/me").bearer(token).send();
    assert_eq!(response.status(), 401, "{why}: {}", response.summary());
    assert_eq!(response.code(), "invalid_token", "{why}");
}

#[test]
fn a_public_key_is_not_accepted_as_a_shared_secret() {
    let server = Setup::new().without("JWT_SECRET").start();
    let ada = server.register("ada");
    let published = server.get("/.well-known/jwks.json").send().must_be(200).json();
    let jwk = &published["keys"][0];
    let x = URL_SAFE_NO_PAD.decode(jwk["x"].as_str().unwrap()).unwrap();
    let der = [&b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"[..], &x].concat();
    let pem = base64::engine::general_purpose::STANDARD.encode(&der);
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{pem}\n-----END PUBLIC KEY-----\n");
    let kid = jwk["kid"].as_str().unwrap();
    let claims = claims(&ada.token).to_string();
    for secret in
        [&x, &der, pem.as_bytes(), jwk.to_string().as_bytes(), jwk["x"].as_str().unwrap().as_bytes()]
    {
        for header in [HEADER.to_owned(), format!(r#"{{"typ":"at+jwt","alg":"HS256","kid":"{kid}"}}"#)] {
            must_be_rejected(&server, &forged(&header, &claims, secret), &header);
        }
    }
    server.get("/users/me").by(&ada).send().must_be(200);
}

#[test]
fn a_token_header_cannot_choose_its_own_key_or_rules() {
    let server = Server::start();
    let ada = server.register("ada");
    let claims = claims(&ada.token).to_string();
    let own = b"a secret of the attacker, of more than 32 bytes";
    let jwk = format!(r#"{{"kty":"oct","k":"{}"}}"#, URL_SAFE_NO_PAD.encode(own));
    for parameter in [
        &format!(r#""jwk":{jwk}"#),
        r#""jku":"http://127.0.0.1:1/jwks.json""#,
        r#""x5u":"http://127.0.0.1:1/cert""#,
        r#""x5c":["AAAA"]"#,
        r#""x5t":"AAAA""#,
        r#""crit":["b64"],"b64":false"#,
        r#""crit":["exp"]"#,
        r#""b64":true"#,
        r#""zip":"DEF""#,
        r#""kid":"../../../../dev/null""#,
        r#""kid":"' OR 1=1 --""#,
        r#""kid":"x\u0000""#,
        r#""kid":["a"]"#,
        r#""kid":{}"#,
    ] {
        let header = format!(r#"{{"typ":"at+jwt","alg":"HS256",{parameter}}}"#);
        for secret in [&own[..], SECRET.as_bytes(), b""] {
            must_be_rejected(&server, &forged(&header, &claims, secret), parameter);
        }
    }
    server.get("/users/me").bearer(&forged(HEADER, &claims, SECRET.as_bytes())).send().must_be(200);
}

#[test]
fn duplicate_claims_and_header_parameters_are_rejected() {
    let server = Server::start();
    let (ada, admin) = (server.register("ada"), server.admin());
    let good = claims(&ada.token);
    for (name, value) in
        [("sub", json!(admin.id)), ("exp", json!(9_000_000_000_u64)), ("sid", good["sid"].clone())]
    {
        let twice = good.to_string().replacen('{', &format!("{{\"{name}\":{value},"), 1);
        must_be_rejected(&server, &forged(HEADER, &twice, SECRET.as_bytes()), name);
        let behind = good.to_string();
        let behind = format!("{},\"{name}\":{value}}}", behind.strip_suffix('}').unwrap());
        must_be_rejected(&server, &forged(HEADER, &behind, SECRET.as_bytes()), name);
    }
    for header in
        [r#"{"typ":"at+jwt","alg":"none","alg":"HS256"}"#, r#"{"typ":"JWT","typ":"at+jwt","alg":"HS256"}"#]
    {
        must_be_rejected(&server, &forged(header, &good.to_string(), SECRET.as_bytes()), header);
    }
}

#[test]
fn a_token_has_only_one_valid_encoding() {
    let server = Server::start();
    let ada = server.register("ada");
    let parts: Vec<_> = ada.token.split('.').map(str::to_owned).collect();
    let with = |number: usize, part: String| {
        let mut parts = parts.clone();
        parts[number] = part;
        parts.join(".")
    };
    for (number, part) in parts.iter().enumerate() {
        let bytes = URL_SAFE_NO_PAD.decode(part).unwrap();
        for other in [format!("{part}="), format!("{part}=="), format!("{part}%3D"), format!("{part}A")] {
            must_be_rejected(&server, &with(number, other), "padded");
        }
        if !bytes.len().is_multiple_of(3) {
            must_be_rejected(&server, &with(number, URL_SAFE.encode(&bytes)), "base64url with padding");
        }
    }
    // The last character of an encoded 32-byte signature has two unused bits: four characters decode to the
    // same bytes, but only one is valid.
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = parts[2].split_at(parts[2].len() - 1);
    let index = alphabet.find(last).unwrap();
    for stray in 1..4 {
        let letter = alphabet.chars().nth(index + stray).unwrap();
        must_be_rejected(&server, &with(2, format!("{rest}{letter}")), "non-zero trailing bits");
    }
    let standard = parts[2].replace('-', "+").replace('_', "/");
    if standard != parts[2] {
        must_be_rejected(&server, &with(2, standard), "the standard base64 alphabet");
    }
}

#[test]
fn nested_and_encrypted_tokens_are_rejected() {
    let server = Server::start();
    let ada = server.register("ada");
    let claims = claims(&ada.token).to_string();
    let secret = SECRET.as_bytes();
    let nested = r#"{"typ":"at+jwt","alg":"HS256","cty":"JWT"}"#;
    must_be_rejected(&server, &forged(nested, &claims, secret), "cty");
    for header in [nested, HEADER] {
        must_be_rejected(&server, &forged(header, &ada.token, secret), "a token as the claims");
        must_be_rejected(
            &server,
            &forged(header, &json!(ada.token).to_string(), secret),
            "a string as the claims",
        );
        must_be_rejected(&server, &forged(header, &format!("[{claims}]"), secret), "a list as the claims");
    }
    let encrypted = URL_SAFE_NO_PAD.encode(r#"{"typ":"at+jwt","alg":"dir","enc":"A256GCM"}"#);
    must_be_rejected(&server, &format!("{encrypted}..AAAA.AAAA.AAAA"), "an encrypted token");
    let deep = format!("{}{}", "{\"a\":".repeat(1_000), "1".to_owned() + &"}".repeat(1_000));
    must_be_rejected(&server, &forged(HEADER, &deep, secret), "a thousand nested levels");
}

#[test]
fn an_id_token_is_not_accepted_as_an_access_token() {
    let server = Server::start();
    let ada = server.register("ada");
    let mut id_token = claims(&ada.token);
    id_token["nonce"] = json!("n-0S6_WzA2Mj");
    id_token["at_hash"] = json!("77QmUPtjPfzWtF2AnpK9RQ");
    for typ in [Some("JWT"), Some("id+jwt"), Some("rt+jwt"), Some("logout+jwt"), Some("dpop+jwt"), None] {
        let header = Header { typ: typ.map(str::to_owned), ..header() };
        must_be_rejected(&server, &signed(&header, &id_token, SECRET), "a different token type");
    }
}
