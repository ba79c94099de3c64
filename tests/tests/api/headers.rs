//! `X-Request-Id` and security headers.

use roster_tests::{Server, raw};

fn send_id(server: &Server, sent: &[u8]) -> String {
    let response = server.get("/health/live").header("X-Request-Id", sent).send().must_be(200);
    response.header("x-request-id").unwrap().to_owned()
}

#[test]
fn a_valid_request_id_is_echoed() {
    let server = Server::start();
    let longest = "x".repeat(128);
    for sent in ["a", "0198d7a2-7b4c", "A.b_c-9", &longest] {
        assert_eq!(send_id(&server, sent.as_bytes()), sent);
    }
}

#[test]
fn an_invalid_request_id_is_replaced_by_a_unique_one() {
    let server = Server::start();
    let too_long = "x".repeat(129);
    let mut ids = Vec::new();
    for sent in [&b""[..], b"a b", b"a/b", b"{\"a\":1}", "\u{e9}".as_bytes(), b"\xff", too_long.as_bytes()] {
        ids.push(send_id(&server, sent));
        assert_ne!(ids.last().unwrap().as_bytes(), sent);
    }
    ids.push(server.get("/health/live").send().header("x-request-id").unwrap().to_owned());
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 8);
}

#[test]
fn two_servers_generate_different_request_ids() {
    let (one, other) = (Server::start(), Server::start());
    let ids = |server: &Server| server.get("/health/live").send().header("x-request-id").unwrap().to_owned();
    assert_ne!(ids(&one), ids(&other));
}

#[test]
fn no_response_names_the_server_software() {
    let server = Server::start();
    for path in ["/health", "/nowhere", "/docs"] {
        let response = server.get(path).send();
        assert_eq!((response.header("server"), response.header("x-powered-by")), (None, None));
    }
}

#[test]
fn the_docs_page_only_runs_scripts_from_its_own_origin() {
    let server = Server::start();
    let page = server.get("/docs").send().must_be(200);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
}

#[test]
fn two_pipelined_requests_get_two_responses() {
    let server = Server::start();
    let mut stream = raw::connect(server.address());
    let request = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";
    std::io::Write::write_all(&mut stream, format!("{request}{request}").as_bytes()).unwrap();
    let mut text = String::new();
    while text.matches("HTTP/1.1 200").count() < 2 {
        text.push_str(&raw::receive(&mut stream).text);
    }
}
