//! Malformed and hostile input: it is rejected or cut off, never causes a 5xx, and the server keeps working.

use roster_tests::{Person, Server, raw, wait_for};
use serde_json::json;
use std::io::Write as _;

/// A raw `POST` request with this body.
fn post(path: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn assert_healthy(server: &Server) {
    server.get("/health/ready").send().must_be(200);
    let stderr = server.stderr();
    assert!(!stderr.contains("panic") && !stderr.contains("\"level\":\"ERROR\""), "{stderr}");
}

/// Sends an invalid JSON body to every kind of endpoint that accepts JSON.
fn must_be_rejected_everywhere(server: &Server, ada: &Person, body: &[u8], code: &str) {
    for request in [
        server.post("/users"),
        server.post("/auth/login"),
        server.put("/users/me").by(ada),
        server.patch("/users/me").by(ada),
        server.put("/users/me/password").by(ada),
    ] {
        request.bytes("application/json", body).send().must_be_problem(400, code);
    }
}

#[test]
fn invalid_json_is_a_400_on_every_endpoint() {
    let server = Server::start();
    let ada = server.register("ada");
    let bodies: [&[u8]; 22] = [
        b"{",
        b"}",
        b"{\"username\"",
        b"{'username':'a'}",
        b"{\"username\":\"a\",}",
        b"{} {}",
        b"{}x",
        b"\xef\xbb\xbf{}",
        b"NaN",
        b"{\"username\":NaN}",
        b"{\"username\":Infinity}",
        b"{\"username\":-}",
        b"{\"username\":01}",
        b"{\"username\":+1}",
        b"{\"username\":0x10}",
        b"{\"username\":1e}",
        b"undefined",
        b"// comment\n{}",
        b"\0",
        b"{\"username\":\"a\0b\"}",
        b"{\"username\":\"a\nb\"}",
        b"{\"username\":\"\\x41\"}",
    ];
    for body in bodies {
        must_be_rejected_everywhere(&server, &ada, body, "json_malformed");
    }
    assert_healthy(&server);
}

#[test]
fn invalid_unicode_is_a_400() {
    let server = Server::start();
    let ada = server.register("ada");
    let texts: [&[u8]; 12] = [
        b"\\ud800",
        b"\\udc00",
        b"\\ud800\\ud800",
        b"\\ud83dx",
        b"\\u12",
        b"\xff",
        b"\xc0\xaf",
        b"\xe0\x80\xaf",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xc3",
        b"\x80",
    ];
    for text in texts {
        let body = [b"{\"username\":\"", text, b"\"}"].concat();
        must_be_rejected_everywhere(&server, &ada, &body, "json_malformed");
    }
    assert_healthy(&server);
}

#[test]
fn duplicate_json_keys_are_a_400_even_when_escaped() {
    let server = Server::start();
    let ada = server.register("ada");
    for body in [
        &br#"{"username":"a","username":"b"}"#[..],
        br#"{"username":"a","\u0075sername":"b"}"#,
        br#"{"password":"nine purple kettles","password":"x"}"#,
        br#"{"attributes":{"a":{"b":1,"b":2}}}"#,
    ] {
        must_be_rejected_everywhere(&server, &ada, body, "json_malformed");
    }
    assert_healthy(&server);
}

#[test]
fn ten_thousand_nested_levels_are_a_400() {
    let server = Server::start();
    let ada = server.register("ada");
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let body = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
        must_be_rejected_everywhere(&server, &ada, body.as_bytes(), "json_malformed");
        let attributes = format!("{{\"attributes\":{}}}", open.repeat(10_000));
        must_be_rejected_everywhere(&server, &ada, attributes.as_bytes(), "json_malformed");
    }
    assert_healthy(&server);
}

#[test]
fn out_of_range_numbers_are_a_400_and_others_round_trip() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    let patch = |number: &str| {
        let body = format!("{{\"attributes\":{{\"n\":{number}}}}}");
        server.patch(&ada.path()).by(&admin).bytes("application/merge-patch+json", body).send()
    };
    for number in
        ["1e999", "-1e999", "123456789012345678901234567890", "-9223372036854775809", "18446744073709551617"]
    {
        patch(number).must_be(400);
    }
    for number in ["18446744073709551615", "-9223372036854775808", "-1", "0.1", "1e308", "-2.5e-10"] {
        let user = patch(number).must_be(200).json();
        assert_eq!(user["attributes"]["n"], serde_json::from_str::<serde_json::Value>(number).unwrap());
    }
    for version in ["-1", "1.5", "1e400", "99999999999999999999"] {
        let body = format!("{{\"version\":{version}}}");
        server.patch("/users/me").by(&ada).bytes("application/json", body).send().must_be(400);
    }
    assert_healthy(&server);
}

#[test]
fn control_characters_are_not_allowed_in_names() {
    let server = Server::start();
    for text in
        ["a\u{0}b", "a\u{7}", "a\u{202e}b", "a\u{200b}b", "\u{feff}ada", " ada", "ada\n", "\u{d7ff}\u{fffe}"]
    {
        let body = json!({ "username": text, "password": "nine purple kettles" });
        let response = server.post("/users").json(body).send().must_be_problem(400, "validation_failed");
        assert_eq!(response.errors()[0].0, "/username", "{text:?}");
        let body = json!({ "username": "ada", "password": "nine purple kettles", "display_name": text.replace(' ', "\u{0}") });
        let response = server.post("/users").json(body).send();
        assert!([201, 400].contains(&response.status()), "{}", response.summary());
        if response.status() == 201 {
            let ada = server.log_in("ada", "nine purple kettles");
            server.delete("/users/me").by(&ada).send().must_be(204);
        }
    }
    assert_healthy(&server);
}

#[test]
fn a_five_megabyte_body_is_rejected_without_being_buffered() {
    let server = Server::start();
    let ada = server.register("ada");
    let body = format!("{{\"username\":\"{}\"}}", "x".repeat(5 << 20));
    for path in ["/users", "/auth/login"] {
        let response = raw::send(server.address(), &post(path, body.as_bytes()));
        assert!(response.text.is_empty() || response.status() == Some(413), "{}", response.text);
    }
    let unsized_head =
        "PATCH /users/me HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n";
    let head =
        format!("{unsized_head}Authorization: Bearer {}\r\nTransfer-Encoding: chunked\r\n\r\n", ada.token);
    let chunks = format!("10000\r\n{}\r\n", "x".repeat(0x10000)).repeat(80);
    let response = raw::send(server.address(), format!("{head}{chunks}0\r\n\r\n").as_bytes());
    assert!(response.is_rejection(), "{}", response.text);
    let huge_length = "POST /users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{";
    assert_eq!(raw::send(server.address(), huge_length.as_bytes()).status(), Some(413));
    assert_healthy(&server);
}

#[test]
fn header_floods_are_rejected() {
    let server = Server::start();
    let line = |length: usize| format!("X-Flood: {}\r\n", "x".repeat(length));
    for flood in [
        line(10).repeat(5_000),
        line(200_000),
        line(1 << 20),
        line(5_000).repeat(200),
        "a: b\r\n".repeat(100),
    ] {
        let request = format!("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{flood}\r\n");
        let response = raw::send(server.address(), request.as_bytes());
        assert!(response.is_rejection(), "{} bytes: {}", flood.len(), response.text);
    }
    let path = format!("GET /{} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "a".repeat(300_000));
    assert!(raw::send(server.address(), path.as_bytes()).is_rejection());
    assert_healthy(&server);
}

#[test]
fn invalid_http_is_rejected() {
    let server = Server::start();
    let lines: [&[u8]; 14] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"hello\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /health HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost x\r\n\r\n",
        b"GET /he\0alth HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: x\r\nBad\x01Name: 1\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
        b"POST /users HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /users HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
        b"POST /users HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
        b"POST /users HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ];
    for line in lines {
        let response = raw::send(server.address(), line);
        assert!(response.is_rejection(), "{:?}: {}", String::from_utf8_lossy(line), response.text);
    }
    assert_healthy(&server);
}

#[test]
fn unfinished_requests_do_not_delay_other_clients() {
    let server = Server::start();
    let whole = post(
        "/users",
        json!({ "username": "ada", "password": "nine purple kettles" }).to_string().as_bytes(),
    );
    for length in (1..whole.len()).step_by(9) {
        raw::send_and_close(server.address(), &whole[..length]);
    }
    let mut unfinished: Vec<_> = (0..64).map(|_| raw::connect(server.address())).collect();
    for (number, stream) in unfinished.iter_mut().enumerate() {
        stream.write_all(&whole[..number * 2]).unwrap();
    }
    assert_healthy(&server);
    let _ = server.register_only("ada");
}

#[test]
fn a_client_that_never_finishes_its_request_is_disconnected() {
    let server = roster_tests::Setup::new().set("server.request_timeout", "1s").start();
    for part in ["GET /health HTT", "GET /health HTTP/1.1\r\nHost: x\r\n"] {
        let response = raw::send(server.address(), part.as_bytes());
        assert!(response.is_rejection(), "{}", response.text);
    }
    let head = "POST /users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"user";
    let response = raw::send(server.address(), head.as_bytes());
    assert!(response.text.is_empty() || response.status() == Some(408), "{}", response.text);
    // On a busy machine this request may hit the timeout too, so it is retried.
    let whole = "GET /health/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    wait_for("the server to respond", || {
        (raw::send(server.address(), whole.as_bytes()).status() == Some(200)).then_some(())
    });
}

#[test]
fn odd_paths_and_queries_are_rejected() {
    let server = Server::start();
    let admin = server.admin();
    for target in [
        "/users/%",
        "/users/%zz",
        "/users/%00",
        "/users?limit=%",
        "/users?q=%ff%fe",
        "/users?q=%00",
        "/users?%00=1",
        "/users?sort=%ed%a0%80",
        "//users",
        "/users/../metrics",
        "/users/./me",
        "/%2e%2e/etc/passwd",
        "/users?&&&=&=1",
        "*",
    ] {
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\r\n",
            admin.token
        );
        let response = raw::send(server.address(), request.as_bytes());
        let is_fine =
            response.is_rejection() || response.status() == Some(200) && target.starts_with("/users?q=");
        assert!(is_fine, "{target}: {}", response.text);
    }
    assert_healthy(&server);
}
