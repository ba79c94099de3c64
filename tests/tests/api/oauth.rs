//! The OAuth 2.0 endpoints.

use crate::minting::claims;
use crate::service_accounts::{create_account, create_key};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roster_tests::{PASSWORD, Person, Response, Server};
use serde_json::{Value, json};

pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| text.bytes().fold(String::new(), |text, byte| text + &format!("%{byte:02X}"));
    fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&")
}

pub(crate) fn post_form(server: &Server, path: &str, fields: &[(&str, &str)]) -> Response {
    server.post(path).form(&form(fields)).send()
}

pub(crate) fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

/// A service account with a key.
pub(crate) struct ServiceAccount {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) path: String,
    pub(crate) key_path: String,
}

pub(crate) fn service_account(
    server: &Server,
    by: &Person,
    name: &str,
    permissions: &[&str],
) -> ServiceAccount {
    let path = create_account(server, by, name, permissions);
    let (secret, key_path) = create_key(server, by, &path);
    ServiceAccount { id: path.rsplit('/').next().unwrap().to_owned(), secret, path, key_path }
}

impl ServiceAccount {
    pub(crate) fn token(&self, server: &Server, more: &[(&str, &str)]) -> Response {
        let own = [
            ("grant_type", "client_credentials"),
            ("client_id", &*self.id),
            ("client_secret", &*self.secret),
        ];
        post_form(server, "/oauth/token", &[&own, more].concat())
    }

    pub(crate) fn introspect(&self, server: &Server, token: &str) -> Value {
        let request = server.post("/oauth/introspect").header("Authorization", basic(&self.id, &self.secret));
        request.form(&form(&[("token", token)])).send().must_be(200).json()
    }
}

pub(crate) fn create_inspector(server: &Server) -> ServiceAccount {
    service_account(server, &server.admin(), "inspector", &["tokens:introspect"])
}

fn is_accepted(server: &Server, token: &str) -> bool {
    server.get("/users/me").bearer(token).send().status() == 200
}

#[test]
fn the_password_and_refresh_grants_issue_tokens() {
    let server = Server::start();
    let _ = server.register("ada");
    let fields =
        [("grant_type", "password"), ("username", "ada"), ("password", PASSWORD), ("client_id", "any")];
    let first = post_form(&server, "/oauth/token", &fields).must_be(200);
    assert_eq!(first.header("cache-control"), Some("no-store"));
    assert_eq!((&first.json()["token_type"], &first.json()["expires_in"]), (&json!("Bearer"), &json!(900)));
    assert!(is_accepted(&server, &first.string("access_token")));
    let fields = [("grant_type", "refresh_token"), ("refresh_token", &*first.string("refresh_token"))];
    let next = post_form(&server, "/oauth/token", &fields).must_be(200);
    assert!(is_accepted(&server, &next.string("access_token")));
    assert_ne!(first.string("refresh_token"), next.string("refresh_token"));
    let (first, next) = (claims(&first.string("access_token")), claims(&next.string("access_token")));
    assert_eq!((&first["sid"], &first["client_id"]), (&next["sid"], &json!("roster")));
}

#[test]
fn a_user_is_told_when_fewer_scopes_are_granted_than_requested() {
    let server = Server::start();
    let _ = server.register_only("ada");
    let fields =
        [("grant_type", "password"), ("username", "ada"), ("password", PASSWORD), ("scope", "users:read")];
    assert_eq!(post_form(&server, "/oauth/token", &fields).must_be(200).json()["scope"], "");
}

#[test]
fn a_key_without_remaining_permissions_gets_no_token() {
    let server = Server::start();
    let (creator, root) = (server.admin(), server.register_admin("root"));
    let backup = service_account(&server, &creator, "backup", &["users:read"]);
    backup.token(&server, &[]).must_be(200);
    let disabled = json!({ "status": "disabled" });
    server.patch(&format!("/users/{}", creator.id)).bearer(&root.token).json(disabled).send().must_be(200);
    let response = backup.token(&server, &[]).must_be(400);
    assert_eq!(response.json()["error"], "invalid_scope");
}

#[test]
fn client_credentials_issue_a_token_for_all_or_some_permissions() {
    let server = Server::start();
    let backup = service_account(&server, &server.admin(), "backup", &["users:read", "audit:read"]);
    let all = backup.token(&server, &[]).must_be(200);
    assert_eq!(all.json()["scope"], "audit:read users:read");
    assert_eq!(all.json().get("refresh_token"), None);
    let token_claims = claims(&all.string("access_token"));
    assert_eq!((&token_claims["sub"], &token_claims["client_id"]), (&json!(backup.id), &json!(backup.id)));
    assert_eq!(token_claims["key"], backup.key_path.rsplit('/').next().unwrap());
    assert_eq!(token_claims.get("sid"), None);
    let some = backup.token(&server, &[("scope", "users:read")]).must_be(200);
    assert_eq!(some.json()["scope"], "users:read");
    for (token, audit) in [(&all, 200), (&some, 403)] {
        let token = token.string("access_token");
        server.get("/users").bearer(&token).send().must_be(200);
        server.get("/audit").bearer(&token).send().must_be(audit);
        server.get("/users/me").bearer(&token).send().must_be(403);
    }
}

#[test]
fn client_credentials_logins_are_audited_with_the_key() {
    let server = Server::start();
    let admin = server.admin();
    let backup = service_account(&server, &admin, "backup", &["users:read"]);
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
fn a_service_account_token_ends_with_its_key_and_its_account() {
    let server = Server::start();
    let admin = server.admin();
    let backup = service_account(&server, &admin, "backup", &["users:read", "audit:read"]);
    let token = || backup.token(&server, &[]).must_be(200).string("access_token");
    let status = |token: &str| server.get("/users").bearer(token).send().status();
    let before = token();
    assert_eq!(status(&before), 200);
    let narrowed = json!({ "permissions": ["audit:read"] });
    server.patch(&backup.path).by(&admin).if_match("*").merge_patch(narrowed).send().must_be(200);
    assert_eq!(status(&before), 401, "the permissions of the account have changed");
    let after = token();
    assert_eq!(status(&after), 403);
    server.delete(&backup.key_path).by(&admin).send().must_be(204);
    assert_eq!(status(&after), 401);
    backup.token(&server, &[]).must_be(401);
}

#[test]
fn introspection_describes_active_tokens_and_hides_inactive_ones() {
    let server = Server::start();
    let (inspector, ada) = (create_inspector(&server), server.register("ada"));
    let shown = inspector.introspect(&server, &ada.token);
    let token_claims = claims(&ada.token);
    assert_eq!((&shown["active"], &shown["username"]), (&json!(true), &json!("ada")));
    for name in ["sub", "iss", "exp", "iat", "jti", "client_id", "auth_time"] {
        assert_eq!(shown[name], token_claims[name], "{name}");
    }
    let own = inspector.token(&server, &[]).must_be(200).string("access_token");
    let shown = inspector.introspect(&server, &own);
    assert_eq!((&shown["sub"], &shown["scope"]), (&json!(inspector.id), &json!("tokens:introspect")));
    server.post("/auth/logout").by(&ada).send().must_be(204);
    for token in [&*ada.token, &*ada.refresh_token, &*inspector.secret, "x", "a.b.c", &"a".repeat(20_000)] {
        assert_eq!(inspector.introspect(&server, token), json!({ "active": false }), "{token}");
    }
}

#[test]
fn introspection_reports_refresh_tokens_and_api_keys_as_inactive() {
    let server = Server::start();
    let (inspector, ada) = (create_inspector(&server), server.register("ada"));
    for token in [&ada.refresh_token, &inspector.secret] {
        assert_eq!(inspector.introspect(&server, token), json!({ "active": false }));
    }
}

#[test]
fn introspection_works_with_all_four_authentication_methods() {
    let server = Server::start();
    let (inspector, ada) = (create_inspector(&server), server.register("ada"));
    let token = inspector.token(&server, &[]).must_be(200).string("access_token");
    for bearer in [&*token, &*inspector.secret, &*server.admin().token] {
        let request = server.post("/oauth/introspect").bearer(bearer).form(&form(&[("token", &ada.token)]));
        assert_eq!(request.send().must_be(200).json()["active"], true);
    }
    let fields = [("token", &*ada.token), ("client_id", &inspector.id), ("client_secret", &inspector.secret)];
    assert_eq!(post_form(&server, "/oauth/introspect", &fields).must_be(200).json()["active"], true);
}

#[test]
fn either_token_revokes_its_session() {
    let server = Server::start();
    let _ = server.register("ada");
    for kind in ["refresh_token", "access_token"] {
        let ada = server.log_in("ada", PASSWORD);
        let token = if kind == "access_token" { &ada.token } else { &ada.refresh_token };
        for _ in 0..2 {
            let response =
                post_form(&server, "/oauth/revoke", &[("token", token), ("token_type_hint", "nonsense")]);
            assert!(response.must_be(200).bytes().is_empty());
        }
        assert!(!is_accepted(&server, &ada.token), "{kind}");
        server.try_refresh(&ada.refresh_token).must_be_problem(401, "refresh_token_invalid");
    }
    post_form(&server, "/oauth/revoke", &[("token", "unknown")]).must_be(200);
}

#[test]
fn a_token_revocation_is_audited_as_an_action_of_the_user() {
    let server = Server::start();
    let ada = server.register("ada");
    post_form(&server, "/oauth/revoke", &[("token", &ada.refresh_token)]).must_be(200);
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
