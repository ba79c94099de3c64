//! What an attacker would try, over HTTP. Most has its place beside what it attacks; here is the rest.
//!
//! | attack | test |
//! |---|---|
//! | `alg: none`, another algorithm | `tokens::a_token_that_is_not_signed_as_the_server_signs_is_refused` |
//! | a public key for a shared secret | [`a_published_key_is_no_shared_secret`] |
//! | embedded `jwk`, `jku`, `x5u`, `x5c`, `kid` tricks, `crit`, `b64`, `zip` | [`a_header_that_brings_its_own_rules_is_refused`] |
//! | duplicated claims and parameters | [`what_stands_twice_in_a_token_is_refused`] |
//! | padding, alphabet, stray bits in base64url | [`a_token_has_one_spelling`] |
//! | missing `exp` or `aud`, `nbf` ahead | `tokens::a_token_whose_claims_are_not_the_servers_is_refused` |
//! | oversized tokens | `tokens::what_is_no_token_is_refused` |
//! | nested and encrypted tokens | [`a_token_in_a_token_is_refused`] |
//! | a refresh token for an access token and the reverse | `sessions::neither_token_serves_in_the_place_of_the_other` |
//! | an API key for anything else, anything else for it | [`no_secret_serves_in_the_place_of_another`] |
//! | an ID token | [`an_id_token_is_no_access_token`] |
//! | a token from before a password change | `stale_tokens::another_password_ends_every_older_token` |
//! | an old password that races its change | [`an_old_password_that_races_its_change_opens_nothing_that_lasts`] |
//! | a refresh token replayed in parallel | `sessions::a_hundred_refreshes_of_one_token_leave_one_living_session`, [`a_spent_refresh_token_replayed_by_fifty_is_one_reuse`] |
//! | guessed refresh tokens | [`guessed_refresh_tokens_are_slowed_down_and_good_ones_are_not`] |
//! | another user's session | [`a_token_does_not_borrow_the_session_of_another_user`], `sessions::an_administrator_sees_and_revokes_anybodys_sessions_and_nobody_else_does` |
//! | header injection | [`nothing_that_is_sent_becomes_a_header_of_the_answer`] |
//! | a forged `X-Forwarded-For` | `limits::a_stranger_who_invents_addresses_is_one_client_and_is_reported_once`, `limits::behind_a_trusted_proxy_only_what_the_proxy_wrote_counts` |
//! | enumeration by body and status | `login::a_wrong_password_and_an_unknown_name_are_answered_alike`, `limits::known_and_unknown_names_are_refused_alike`, `authority::a_person_without_permissions_touches_nobody_else_and_cannot_tell_who_exists` |
//! | enumeration by time | [`a_known_and_an_unknown_name_cost_the_same_hash`] |
//! | a role above one's own, an administrator's password | [`whoever_holds_less_makes_and_takes_no_administrator`], `privileged_fields::nobody_patches_their_own` |

use crate::concurrency::at_once;
use crate::machines::{account, key};
use crate::minting::{claims, forged, header, signed, with_claim};
use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use jsonwebtoken::Header;
use roster_tests::{Answer, PASSWORD, SECRET, Server, Setup, raw, until};
use serde_json::{Value, json};

const HEADER: &str = r#"{"typ":"at+jwt","alg":"HS256"}"#;
const OTHER: &str = "another password, quite new";

fn refused(server: &Server, token: &str, why: &str) {
    let answer = server.get("/users/me").bearer(token).send();
    assert_eq!(answer.status(), 401, "{why}: {}", answer.summary());
    assert_eq!(answer.code(), "invalid_token", "{why}");
}

#[test]
fn a_published_key_is_no_shared_secret() {
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
            refused(&server, &forged(&header, &claims, secret), &header);
        }
    }
    server.get("/users/me").by(&ada).send().must_be(200);
}

#[test]
fn a_header_that_brings_its_own_rules_is_refused() {
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
            refused(&server, &forged(&header, &claims, secret), parameter);
        }
    }
    server.get("/users/me").bearer(&forged(HEADER, &claims, SECRET.as_bytes())).send().must_be(200);
}

#[test]
fn what_stands_twice_in_a_token_is_refused() {
    let server = Server::start();
    let (ada, admin) = (server.register("ada"), server.admin());
    let good = claims(&ada.token);
    for (name, value) in
        [("sub", json!(admin.id)), ("exp", json!(9_000_000_000_u64)), ("sid", good["sid"].clone())]
    {
        let twice = good.to_string().replacen('{', &format!("{{\"{name}\":{value},"), 1);
        refused(&server, &forged(HEADER, &twice, SECRET.as_bytes()), name);
        let behind = good.to_string();
        let behind = format!("{},\"{name}\":{value}}}", behind.strip_suffix('}').unwrap());
        refused(&server, &forged(HEADER, &behind, SECRET.as_bytes()), name);
    }
    for header in
        [r#"{"typ":"at+jwt","alg":"none","alg":"HS256"}"#, r#"{"typ":"JWT","typ":"at+jwt","alg":"HS256"}"#]
    {
        refused(&server, &forged(header, &good.to_string(), SECRET.as_bytes()), header);
    }
}

#[test]
fn a_token_has_one_spelling() {
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
            refused(&server, &with(number, other), "padded");
        }
        if !bytes.len().is_multiple_of(3) {
            refused(&server, &with(number, URL_SAFE.encode(&bytes)), "padded as it should be elsewhere");
        }
    }
    // The last letter of 32 bytes has two bits that mean nothing: four letters, of which one is right.
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = parts[2].split_at(parts[2].len() - 1);
    let place = alphabet.find(last).unwrap();
    for stray in 1..4 {
        let letter = alphabet.chars().nth(place + stray).unwrap();
        refused(&server, &with(2, format!("{rest}{letter}")), "stray bits");
    }
    let standard = parts[2].replace('-', "+").replace('_', "/");
    if standard != parts[2] {
        refused(&server, &with(2, standard), "another alphabet");
    }
}

#[test]
fn a_token_in_a_token_is_refused() {
    let server = Server::start();
    let ada = server.register("ada");
    let claims = claims(&ada.token).to_string();
    let secret = SECRET.as_bytes();
    let nested = r#"{"typ":"at+jwt","alg":"HS256","cty":"JWT"}"#;
    refused(&server, &forged(nested, &claims, secret), "cty");
    for header in [nested, HEADER] {
        refused(&server, &forged(header, &ada.token, secret), "a token for claims");
        refused(&server, &forged(header, &json!(ada.token).to_string(), secret), "a string for claims");
        refused(&server, &forged(header, &format!("[{claims}]"), secret), "a list for claims");
    }
    let encrypted = URL_SAFE_NO_PAD.encode(r#"{"typ":"at+jwt","alg":"dir","enc":"A256GCM"}"#);
    refused(&server, &format!("{encrypted}..AAAA.AAAA.AAAA"), "an encrypted token");
    let deep = format!("{}{}", "{\"a\":".repeat(1_000), "1".to_owned() + &"}".repeat(1_000));
    refused(&server, &forged(HEADER, &deep, secret), "a thousand levels");
}

#[test]
fn an_id_token_is_no_access_token() {
    let server = Server::start();
    let ada = server.register("ada");
    let mut id_token = claims(&ada.token);
    id_token["nonce"] = json!("n-0S6_WzA2Mj");
    id_token["at_hash"] = json!("77QmUPtjPfzWtF2AnpK9RQ");
    for typ in [Some("JWT"), Some("id+jwt"), Some("rt+jwt"), Some("logout+jwt"), Some("dpop+jwt"), None] {
        let header = Header { typ: typ.map(str::to_owned), ..header() };
        refused(&server, &signed(&header, &id_token, SECRET), "another kind");
    }
}

#[test]
fn no_secret_serves_in_the_place_of_another() {
    let server = Server::start();
    let (ada, admin) = (server.register("ada"), server.admin());
    let (api_key, _) = key(&server, &admin, &account(&server, &admin, "backup", &["users:read"]));
    for shown in [&ada.token, &api_key] {
        server.try_refresh(shown).refused(401, "refresh_token_invalid");
        server.try_log_in("ada", shown).refused(401, "credentials_invalid");
    }
    server.try_log_in("ada", &ada.refresh_token).refused(401, "credentials_invalid");
    server.try_log_in("backup", &api_key).refused(401, "credentials_invalid");
    for shown in
        [format!("rk_{}", ada.refresh_token), api_key.replacen("rk_", "rt_", 1), ada.token.replace('.', "_")]
    {
        refused(&server, &shown, "in disguise");
        server.try_refresh(&shown).refused(401, "refresh_token_invalid");
    }
    server.post("/auth/logout").bearer(&ada.refresh_token).send().refused(401, "invalid_token");
    server.post("/auth/logout").bearer(&api_key).send().refused(403, "permission_denied");
    assert!(server.refresh(&ada.refresh_token).token.contains('.'), "none of it spent the right one");
}

#[test]
fn an_old_password_that_races_its_change_opens_nothing_that_lasts() {
    let server = Server::start();
    for round in 0..4 {
        let name = format!("ada{round}");
        let ada = server.register(&name);
        let answers = at_once(9, |number| {
            if number == 4 {
                let body = json!({ "current_password": PASSWORD, "password": OTHER });
                return server.put("/users/me/password").by(&ada).json(body).send().must_be(200);
            }
            server.try_log_in(&name, PASSWORD)
        });
        for (number, answer) in answers.iter().enumerate() {
            if number != 4 && answer.status() == 200 {
                refused(&server, &answer.text_of("access_token"), "of the old password");
                server.try_refresh(&answer.text_of("refresh_token")).refused(401, "refresh_token_invalid");
            }
        }
        server.try_log_in(&name, PASSWORD).refused(401, "credentials_invalid");
        let _ = server.log_in(&name, OTHER);
    }
}

#[test]
fn a_spent_refresh_token_replayed_by_fifty_is_one_reuse() {
    let server = Setup::new().set("auth.refresh_grace", "0s").start();
    let (ada, admin) = (server.register("ada"), server.admin());
    let thief = server.refresh(&ada.refresh_token);
    for answer in at_once(50, |_| server.try_refresh(&ada.refresh_token)) {
        answer.refused(401, "refresh_token_invalid");
    }
    refused(&server, &thief.token, "the session is over");
    let query = format!("/audit?target={}&outcome=token_reused", ada.id);
    let reused = server.get(&query).by(&admin).send().must_be(200).json();
    assert_eq!(reused["data"].as_array().unwrap().len(), 1, "{reused}");
}

#[test]
fn guessed_refresh_tokens_are_slowed_down_and_good_ones_are_not() {
    let limited = Setup::new().set("limits.enabled", "true").set("limits.requests_by_ip", "20/1h");
    let server = limited.start();
    let mut ada = server.register("ada");
    let guess = |number: usize| {
        let bytes = [u8::try_from(number).unwrap(); 48];
        server.try_refresh(&format!("rt_{}", URL_SAFE_NO_PAD.encode(bytes)))
    };
    let refusals = (0..30).map(guess).filter(|answer| answer.status() == 429).count();
    assert!(refusals >= 10, "{refusals}");
    guess(99).refused(429, "too_many_requests");
    for _ in 0..30 {
        ada = server.refresh(&ada.refresh_token);
    }
}

#[test]
fn a_token_does_not_borrow_the_session_of_another_user() {
    let server = Server::start();
    let (ada, admin) = (server.register("ada"), server.admin());
    let (own, others) = (claims(&ada.token)["sid"].clone(), claims(&admin.token)["sid"].clone());
    refused(
        &server,
        &with_claim(&ada.token, "sid", others.clone()),
        "ada in the session of the administrator",
    );
    refused(&server, &with_claim(&admin.token, "sid", own), "the administrator in the session of ada");
    refused(&server, &with_claim(&ada.token, "sid", Value::Null), "in none");
    refused(&server, &with_claim(&ada.token, "sid", json!(ada.id)), "in one that there never was");
    let path = format!("/users/me/sessions/{}", others.as_str().unwrap());
    server.delete(&path).by(&ada).send().refused(404, "session_not_found");
    server.get("/users/me").by(&admin).send().must_be(200);
}

#[test]
fn nothing_that_is_sent_becomes_a_header_of_the_answer() {
    let server = Server::start();
    let split = "%0d%0aSet-Cookie:%20own=1";
    let mut requests: Vec<String> = [
        format!("GET /users/{split} HTTP/1.1\r\nHost: x"),
        format!("GET /{split} HTTP/1.1\r\nHost: x"),
        format!("GET /health?a={split} HTTP/1.1\r\nHost: x"),
        "GET /health/live HTTP/1.1\r\nHost: x\r\nX-Request-Id: a%0d%0aSet-Cookie: own=1".to_owned(),
        "GET /health/live HTTP/1.1\r\nHost: x\r\nX-Request-Id: a\rSet-Cookie: own=1".to_owned(),
        "GET /health/live HTTP/1.1\r\nHost: x\r\nX-Request-Id: a\nSet-Cookie: own=1".to_owned(),
        "GET /users/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\rSet-Cookie: own=1".to_owned(),
    ]
    .into();
    for request in &mut requests {
        request.push_str("\r\n\r\n");
        let answer = raw::say(server.address(), request.as_bytes());
        let head = answer.text.split("\r\n\r\n").next().unwrap_or_default().to_lowercase();
        assert!(!head.contains("set-cookie") && !head.contains("own=1"), "{request:?}: {head}");
    }
    for name in ["ada\r\nSet-Cookie: own=1", "ada\nX: y", "ada\rX: y"] {
        let body = json!({ "username": name, "password": PASSWORD });
        server.post("/users").json(body).send().refused(400, "validation_failed");
    }
}

/// That equal work takes equal time is the benchmark's to show: `roster-bench --parts failures`.
#[test]
fn a_known_and_an_unknown_name_cost_the_same_hash() {
    let server = Server::start();
    let hashed = || {
        let answer = server.get("/metrics").send().must_be(200);
        let shown = answer.text();
        let count = shown.lines().find_map(|line| line.strip_prefix("roster_hash_run_seconds_count "));
        count.unwrap_or_else(|| panic!("{shown}")).parse::<u64>().unwrap()
    };
    // A hash is counted a moment after the response.
    let hashes_of = |name: &str, request: &dyn Fn()| {
        let before = hashed();
        request();
        until(&format!("a hash for {name:?}"), || (hashed() > before).then_some(()));
        hashed() - before
    };
    hashes_of("the registration", &|| drop(server.register_only("ada")));
    for name in ["ada", "ADA@example.org", "nobody", "nobody@example.org", "no name at all", ""] {
        let count = hashes_of(name, &|| drop(server.try_log_in(name, "not this one")));
        assert_eq!(count, 1, "{name:?}");
    }
}

#[test]
fn whoever_holds_less_makes_and_takes_no_administrator() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    let held = ["users:read", "users:create", "users:update", "users:delete", "sessions:manage"];
    let path = account(&server, &admin, "helpdesk", &held);
    let (helpdesk, _) = key(&server, &admin, &path);
    let denied = |answer: Answer| drop(answer.refused(403, "permission_denied"));
    let change = |user: &str, body: Value| server.patch(user).bearer(&helpdesk).merge_patch(body).send();
    denied(change(&ada.path(), json!({ "roles": ["admin"] })));
    denied(change(&ada.path(), json!({ "roles": ["user", "admin"] })));
    for above in [
        json!({ "email": "mine@example.org" }),
        json!({ "status": "disabled" }),
        json!({ "roles": ["user"] }),
    ] {
        denied(change(&admin.path(), above));
    }
    let reset = json!({ "password": OTHER });
    denied(server.put(&format!("{}/password", admin.path())).bearer(&helpdesk).json(reset).send());
    denied(server.delete(&admin.path()).bearer(&helpdesk).send());
    denied(server.delete(&format!("{}/sessions", admin.path())).bearer(&helpdesk).send());
    let made = json!({ "username": "mine", "password": OTHER, "roles": ["admin"] });
    denied(server.post("/users").bearer(&helpdesk).json(made).send());
    let machine = json!({ "name": "mine", "permissions": ["users:read"] });
    denied(server.post("/service-accounts").bearer(&helpdesk).json(machine).send());
    // What it may do, it can.
    change(&ada.path(), json!({ "email": "new@example.org" })).must_be(200);
    server.get("/users/me").by(&admin).send().must_be(200);
}
