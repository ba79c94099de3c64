//! `X-Request-Id` and the headers that guard.

use roster_tests::{Server, raw};

fn id(server: &Server, sent: &[u8]) -> String {
    let answer = server.get("/health/live").header("X-Request-Id", sent).send().must_be(200);
    answer.header("x-request-id").unwrap().to_owned()
}

#[test]
fn a_usable_request_id_is_echoed() {
    let server = Server::start();
    let longest = "x".repeat(128);
    for sent in ["a", "0198d7a2-7b4c", "A.b_c-9", &longest] {
        assert_eq!(id(&server, sent.as_bytes()), sent);
    }
}

#[test]
fn any_other_is_replaced_by_one_that_no_other_request_has() {
    let server = Server::start();
    let too_long = "x".repeat(129);
    let mut made = Vec::new();
    for sent in [&b""[..], b"a b", b"a/b", b"{\"a\":1}", "\u{e9}".as_bytes(), b"\xff", too_long.as_bytes()] {
        made.push(id(&server, sent));
        assert_ne!(made.last().unwrap().as_bytes(), sent);
    }
    made.push(server.get("/health/live").send().header("x-request-id").unwrap().to_owned());
    made.sort();
    made.dedup();
    assert_eq!(made.len(), 8);
}

#[test]
fn two_servers_make_different_ids() {
    let (one, other) = (Server::start(), Server::start());
    let made = |server: &Server| server.get("/health/live").send().header("x-request-id").unwrap().to_owned();
    assert_ne!(made(&one), made(&other));
}

#[test]
fn no_answer_names_its_software() {
    let server = Server::start();
    for path in ["/health", "/nowhere", "/docs"] {
        let answer = server.get(path).send();
        assert_eq!((answer.header("server"), answer.header("x-powered-by")), (None, None));
    }
}

#[test]
fn the_docs_page_runs_only_what_comes_from_here() {
    let server = Server::start();
    let page = server.get("/docs").send().must_be(200);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
}

#[test]
fn two_requests_in_one_breath_are_answered_one_after_the_other() {
    let server = Server::start();
    let mut stream = raw::connect(server.address());
    let request = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";
    std::io::Write::write_all(&mut stream, format!("{request}{request}").as_bytes()).unwrap();
    let mut text = String::new();
    while text.matches("HTTP/1.1 200").count() < 2 {
        text.push_str(&raw::receive(&mut stream).text);
    }
}
