//! The endpoints for clients that speak OAuth 2.0 and nothing else.

use crate::machines::{account, key};
use crate::minting::claims;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roster_tests::{Answer, PASSWORD, Person, Server, Setup};
use serde_json::{Value, json};

pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| text.bytes().fold(String::new(), |text, byte| text + &format!("%{byte:02X}"));
    fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&")
}

pub(crate) fn ask(server: &Server, path: &str, fields: &[(&str, &str)]) -> Answer {
    server.post(path).form(&form(fields)).send()
}

pub(crate) fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

/// A service account with a key.
pub(crate) struct Machine {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) path: String,
    pub(crate) key_path: String,
}

pub(crate) fn machine(server: &Server, by: &Person, name: &str, permissions: &[&str]) -> Machine {
    let path = account(server, by, name, permissions);
    let (secret, key_path) = key(server, by, &path);
    Machine { id: path.rsplit('/').next().unwrap().to_owned(), secret, path, key_path }
}

impl Machine {
    pub(crate) fn token(&self, server: &Server, more: &[(&str, &str)]) -> Answer {
        let own = [
            ("grant_type", "client_credentials"),
            ("client_id", &*self.id),
            ("client_secret", &*self.secret),
        ];
        ask(server, "/oauth/token", &[&own, more].concat())
    }

    pub(crate) fn introspect(&self, server: &Server, token: &str) -> Value {
        let asked = server.post("/oauth/introspect").header("Authorization", basic(&self.id, &self.secret));
        asked.form(&form(&[("token", token)])).send().must_be(200).json()
    }
}

pub(crate) fn inspector(server: &Server) -> Machine {
    machine(server, &server.admin(), "inspector", &["tokens:introspect"])
}

fn is_in(server: &Server, token: &str) -> bool {
    server.get("/users/me").bearer(token).send().status() == 200
}

#[test]
fn a_password_gives_a_token_and_a_refresh_token_gives_the_next() {
    let server = Server::start();
    let _ = server.register("ada");
    let asked =
        [("grant_type", "password"), ("username", "ada"), ("password", PASSWORD), ("client_id", "any")];
    let first = ask(&server, "/oauth/token", &asked).must_be(200);
    assert_eq!(first.header("cache-control"), Some("no-store"));
    assert_eq!((&first.json()["token_type"], &first.json()["expires_in"]), (&json!("Bearer"), &json!(900)));
    assert!(is_in(&server, &first.text_of("access_token")));
    let asked = [("grant_type", "refresh_token"), ("refresh_token", &*first.text_of("refresh_token"))];
    let next = ask(&server, "/oauth/token", &asked).must_be(200);
    assert!(is_in(&server, &next.text_of("access_token")));
    assert_ne!(first.text_of("refresh_token"), next.text_of("refresh_token"));
    let (first, next) = (claims(&first.text_of("access_token")), claims(&next.text_of("access_token")));
    assert_eq!((&first["sid"], &first["client_id"]), (&next["sid"], &json!("roster")));
}

#[test]
fn a_person_is_told_that_they_got_less_than_they_asked_for() {
    let server = Server::start();
    let _ = server.register_only("ada");
    let asked =
        [("grant_type", "password"), ("username", "ada"), ("password", PASSWORD), ("scope", "users:read")];
    assert_eq!(ask(&server, "/oauth/token", &asked).must_be(200).json()["scope"], "");
}

#[test]
fn a_key_that_grants_nothing_any_more_gets_no_token() {
    let server = Server::start();
    let (maker, root) = (server.admin(), server.register_admin("root"));
    let backup = machine(&server, &maker, "backup", &["users:read"]);
    backup.token(&server, &[]).must_be(200);
    let disabled = json!({ "status": "disabled" });
    server.patch(&format!("/users/{}", maker.id)).bearer(&root.token).json(disabled).send().must_be(200);
    let refused = backup.token(&server, &[]).must_be(400);
    assert_eq!(refused.json()["error"], "invalid_scope");
}

#[test]
fn a_machine_gets_a_token_in_its_own_name_for_all_it_may_or_for_some() {
    let server = Server::start();
    let backup = machine(&server, &server.admin(), "backup", &["users:read", "audit:read"]);
    let all = backup.token(&server, &[]).must_be(200);
    assert_eq!(all.json()["scope"], "audit:read users:read");
    assert_eq!(all.json().get("refresh_token"), None);
    let said = claims(&all.text_of("access_token"));
    assert_eq!((&said["sub"], &said["client_id"]), (&json!(backup.id), &json!(backup.id)));
    assert_eq!(said["key"], backup.key_path.rsplit('/').next().unwrap());
    assert_eq!(said.get("sid"), None);
    let some = backup.token(&server, &[("scope", "users:read")]).must_be(200);
    assert_eq!(some.json()["scope"], "users:read");
    for (token, audit) in [(&all, 200), (&some, 403)] {
        let token = token.text_of("access_token");
        server.get("/users").bearer(&token).send().must_be(200);
        server.get("/audit").bearer(&token).send().must_be(audit);
        server.get("/users/me").bearer(&token).send().must_be(403);
    }
}

#[test]
fn the_login_of_a_machine_is_in_the_audit_log_with_its_key() {
    let server = Server::start();
    let admin = server.admin();
    let backup = machine(&server, &admin, "backup", &["users:read"]);
    backup.token(&server, &[]).must_be(200);
    let log =
        server.get(&format!("/audit?action=logged_in&target={}", backup.id)).by(&admin).send().must_be(200);
    let record = &log.json()["data"][0];
    let actor = &record["actor"];
    assert_eq!((&actor["kind"], &actor["id"]), (&json!("service_account"), &json!(backup.id)));
    assert!(actor["api_key"].is_string() && record["target"]["api_key"] == actor["api_key"], "{record}");
    assert_eq!(record["outcome"], "success");
}

#[test]
fn a_machines_token_ends_with_its_key_and_its_account() {
    let server = Server::start();
    let admin = server.admin();
    let backup = machine(&server, &admin, "backup", &["users:read", "audit:read"]);
    let token = || backup.token(&server, &[]).must_be(200).text_of("access_token");
    let status = |token: &str| server.get("/users").bearer(token).send().status();
    let before = token();
    assert_eq!(status(&before), 200);
    let narrowed = json!({ "permissions": ["audit:read"] });
    server.patch(&backup.path).by(&admin).if_match("*").merge_patch(narrowed).send().must_be(200);
    assert_eq!(status(&before), 401, "the account is another one by now");
    let after = token();
    assert_eq!(status(&after), 403);
    server.delete(&backup.key_path).by(&admin).send().must_be(204);
    assert_eq!(status(&after), 401);
    backup.token(&server, &[]).must_be(401);
}

#[test]
fn introspection_tells_what_a_token_stands_for_now_and_nothing_of_an_inactive_one() {
    let server = Server::start();
    let (inspector, ada) = (inspector(&server), server.register("ada"));
    let shown = inspector.introspect(&server, &ada.token);
    let said = claims(&ada.token);
    assert_eq!((&shown["active"], &shown["username"]), (&json!(true), &json!("ada")));
    for name in ["sub", "iss", "exp", "iat", "jti", "client_id", "auth_time"] {
        assert_eq!(shown[name], said[name], "{name}");
    }
    let own = inspector.token(&server, &[]).must_be(200).text_of("access_token");
    let shown = inspector.introspect(&server, &own);
    assert_eq!((&shown["sub"], &shown["scope"]), (&json!(inspector.id), &json!("tokens:introspect")));
    server.post("/auth/logout").by(&ada).send().must_be(204);
    for token in [&*ada.token, &*ada.refresh_token, &*inspector.secret, "x", "a.b.c", &"a".repeat(20_000)] {
        assert_eq!(inspector.introspect(&server, token), json!({ "active": false }), "{token}");
    }
}

#[test]
fn a_live_refresh_token_and_a_live_key_are_no_access_tokens_to_another_service() {
    let server = Server::start();
    let (inspector, ada) = (inspector(&server), server.register("ada"));
    for token in [&ada.refresh_token, &inspector.secret] {
        assert_eq!(inspector.introspect(&server, token), json!({ "active": false }));
    }
}

#[test]
fn whoever_holds_the_permission_introspects_in_any_of_the_four_ways() {
    let server = Server::start();
    let (inspector, ada) = (inspector(&server), server.register("ada"));
    let token = inspector.token(&server, &[]).must_be(200).text_of("access_token");
    for bearer in [&*token, &*inspector.secret, &*server.admin().token] {
        let asked = server.post("/oauth/introspect").bearer(bearer).form(&form(&[("token", &ada.token)]));
        assert_eq!(asked.send().must_be(200).json()["active"], true);
    }
    let asked = [("token", &*ada.token), ("client_id", &inspector.id), ("client_secret", &inspector.secret)];
    assert_eq!(ask(&server, "/oauth/introspect", &asked).must_be(200).json()["active"], true);
}

#[test]
fn either_token_revokes_its_session() {
    let server = Server::start();
    let _ = server.register("ada");
    for kind in ["refresh_token", "access_token"] {
        let ada = server.log_in("ada", PASSWORD);
        let token = if kind == "access_token" { &ada.token } else { &ada.refresh_token };
        for _ in 0..2 {
            let answer = ask(&server, "/oauth/revoke", &[("token", token), ("token_type_hint", "nonsense")]);
            assert!(answer.must_be(200).bytes().is_empty());
        }
        assert!(!is_in(&server, &ada.token), "{kind}");
        server.try_refresh(&ada.refresh_token).refused(401, "refresh_token_invalid");
    }
    ask(&server, "/oauth/revoke", &[("token", "unknown")]).must_be(200);
}

#[test]
fn a_revocation_is_audited_as_the_users_own() {
    let server = Server::start();
    let ada = server.register("ada");
    ask(&server, "/oauth/revoke", &[("token", &ada.refresh_token)]).must_be(200);
    let records = server.get("/audit?action=session_revoked").by(&server.admin()).send().must_be(200).json();
    let record = &records["data"][0];
    assert_eq!((&record["actor"]["id"], &record["session"]), (&json!(ada.id), &claims(&ada.token)["sid"]));
}

#[test]
fn a_parameter_without_a_value_counts_as_omitted() {
    let server = Server::start();
    let _ = server.register("ada");
    let empty = "scope=&client_id=&client_secret=&grant_type=&username=";
    let full = form(&[("grant_type", "password"), ("username", "ada"), ("password", PASSWORD)]);
    server.post("/oauth/token").form(&format!("{empty}&{full}")).send().must_be(200);
}

#[test]
fn the_metadata_names_every_endpoint_where_it_is() {
    let server = Server::start();
    let shown = server.get("/.well-known/oauth-authorization-server").send().must_be(200).json();
    for (name, path) in [
        ("issuer", ""),
        ("token_endpoint", "/oauth/token"),
        ("introspection_endpoint", "/oauth/introspect"),
        ("revocation_endpoint", "/oauth/revoke"),
        ("jwks_uri", "/.well-known/jwks.json"),
    ] {
        assert_eq!(shown[name], server.url(path), "{name}");
    }
    assert_eq!(shown["response_types_supported"], json!([]));
    let host = ["evil.example/x", "a b", "a\"b", ""];
    for host in host {
        let answer = server.get("/.well-known/oauth-authorization-server").header("Host", host).send();
        assert!(answer.status() == 400, "{host:?}: {}", answer.summary());
    }
}

#[test]
fn the_metadata_names_the_public_url_and_the_issuer_of_the_tokens() {
    let server = Setup::new()
        .set("server.public_url", "https://id.example.org/roster/")
        .set("auth.issuer", "https://id.example.org")
        .start();
    let shown = server.get("/.well-known/oauth-authorization-server").send().must_be(200).json();
    assert_eq!(shown["token_endpoint"], "https://id.example.org/roster/oauth/token");
    assert_eq!(shown["issuer"], claims(&server.register("ada").token)["iss"]);
}

#[test]
fn the_metadata_of_an_issuer_with_a_path_is_behind_that_path_too() {
    const METADATA: &str = "/.well-known/oauth-authorization-server";
    for (issuer, path) in [
        ("https://id.example.org/auth", "/auth"),
        ("https://id.example.org/auth/", "/auth"),
        ("https://id.example.org:8443/tenants/a%20b", "/tenants/a%20b"),
    ] {
        let server = Setup::new().set("auth.issuer", issuer).start();
        let shown = server.get(&format!("{METADATA}{path}")).send().must_be(200).json();
        assert_eq!(shown["issuer"], issuer);
        assert_eq!(shown, server.get(METADATA).send().must_be(200).json());
        for other in ["/", "/other", &format!("{path}/"), &format!("{path}/x"), &format!("/{path}"), "/aut"] {
            server.get(&format!("{METADATA}{other}")).send().refused(404, "not_found");
        }
        server.post(&format!("{METADATA}{path}")).send().must_be(405);
    }
}

#[test]
fn an_issuer_without_a_path_has_its_metadata_in_one_place() {
    for issuer in ["roster", "https://id.example.org", "https://id.example.org/"] {
        let server = Setup::new().set("auth.issuer", issuer).start();
        for path in ["/", "/roster", "/id.example.org"] {
            let path = format!("/.well-known/oauth-authorization-server{path}");
            server.get(&path).send().refused(404, "not_found");
        }
    }
    let behind_a_path = Setup::new().set("server.public_url", "https://example.org/roster").start();
    let metadata = behind_a_path.get("/.well-known/oauth-authorization-server/roster").send().must_be(200);
    assert_eq!(metadata.text_of("issuer"), "https://example.org/roster");
}
