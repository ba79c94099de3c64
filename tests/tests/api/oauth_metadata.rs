//! `/.well-known/oauth-authorization-server`.

use crate::minting::claims;
use roster_tests::{Server, Setup};
use serde_json::json;

#[test]
fn the_metadata_lists_every_endpoint() {
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
        let response = server.get("/.well-known/oauth-authorization-server").header("Host", host).send();
        assert!(response.status() == 400, "{host:?}: {}", response.summary());
    }
}

#[test]
fn the_metadata_uses_the_public_url_and_the_token_issuer() {
    let server = Setup::new()
        .set("server.public_url", "https://id.example.org/roster/")
        .set("auth.issuer", "https://id.example.org")
        .start();
    let shown = server.get("/.well-known/oauth-authorization-server").send().must_be(200).json();
    assert_eq!(shown["token_endpoint"], "https://id.example.org/roster/oauth/token");
    assert_eq!(shown["issuer"], claims(&server.register("ada").token)["iss"]);
}

#[test]
fn an_issuer_with_a_path_also_has_metadata_behind_that_path() {
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
            server.get(&format!("{METADATA}{other}")).send().must_be_problem(404, "not_found");
        }
        server.post(&format!("{METADATA}{path}")).send().must_be(405);
    }
}

#[test]
fn an_issuer_without_a_path_has_its_metadata_at_one_url() {
    for issuer in ["roster", "https://id.example.org", "https://id.example.org/"] {
        let server = Setup::new().set("auth.issuer", issuer).start();
        for path in ["/", "/roster", "/id.example.org"] {
            let path = format!("/.well-known/oauth-authorization-server{path}");
            server.get(&path).send().must_be_problem(404, "not_found");
        }
    }
    let behind_a_path = Setup::new().set("server.public_url", "https://example.org/roster").start();
    let metadata = behind_a_path.get("/.well-known/oauth-authorization-server/roster").send().must_be(200);
    assert_eq!(metadata.string("issuer"), "https://example.org/roster");
}
