//! `GET /users`.

use roster_tests::{PASSWORD, Person, Server};
use serde_json::{Value, json};

/// A server with six users who sort differently by every key, and an administrator.
fn populated() -> (Server, Person) {
    let server = Server::start();
    let admin = server.admin();
    for (username, email, shown, status, role) in [
        ("delta", "a@example.org", "Zoë", "active", "user"),
        ("alpha", "f@example.org", "Émile", "disabled", "user"),
        ("Bravo", "c@example.org", "alpha male", "active", "moderator"),
        ("echo", "B@example.org", "Bob", "pending", "user"),
        ("Charlie", "e@example.org", "10%_x", "active", "admin"),
        ("foxtrot", "d@example.net", "bob", "active", "moderator"),
    ] {
        let body = json!({
            "username": username, "email": email, "display_name": shown, "status": status, "roles": [role],
            "password": PASSWORD, "external_id": format!("hr-{username}"),
        });
        server.post("/users").by(&admin).json(body).send().must_be(201);
    }
    (server, admin)
}

fn names(page: &Value) -> Vec<String> {
    page["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["username"].as_str().unwrap().to_owned())
        .collect()
}

fn listed(server: &Server, admin: &Person, query: &str) -> Vec<String> {
    names(&server.get(&format!("/users?{query}")).by(admin).send().must_be(200).json())
}

#[test]
fn each_filter_returns_only_matching_users() {
    let (server, admin) = populated();
    for (query, expected) in [
        ("status=disabled", vec!["alpha"]),
        ("status=pending", vec!["echo"]),
        ("role=moderator", vec!["Bravo", "foxtrot"]),
        ("role=admin", vec!["Charlie", "site-admin"]),
        ("role=nobody-has-it", vec![]),
        ("username=BRAVO", vec!["Bravo"]),
        ("email=b@EXAMPLE.org", vec!["echo"]),
        ("external_id=hr-delta", vec!["delta"]),
        ("external_id=HR-delta", vec![]),
        ("q=ALPHA", vec!["alpha", "Bravo"]),
        ("q=example.net", vec!["foxtrot"]),
        ("q=%C3%89MILE", vec!["alpha"]),
        ("q=%25_", vec!["Charlie"]),
        ("q=bob&status=active", vec!["foxtrot"]),
        ("role=user&status=active", vec!["delta"]),
    ] {
        assert_eq!(listed(&server, &admin, &format!("{query}&sort=username")), expected, "{query}");
    }
}

#[test]
fn users_are_sorted_by_each_key_and_ties_by_the_next_one() {
    let (server, admin) = populated();
    let creation_order = ["site-admin", "delta", "alpha", "Bravo", "echo", "Charlie", "foxtrot"];
    assert_eq!(listed(&server, &admin, ""), creation_order);
    assert_eq!(listed(&server, &admin, "sort=created_at"), creation_order);
    let reversed: Vec<_> = creation_order.into_iter().rev().collect();
    assert_eq!(listed(&server, &admin, "sort=-created_at"), reversed);
    let by_name = ["alpha", "Bravo", "Charlie", "delta", "echo", "foxtrot", "site-admin"];
    assert_eq!(listed(&server, &admin, "sort=username"), by_name);
    let by_email = listed(&server, &admin, "sort=email,-username");
    let addressed: Vec<_> = by_email.iter().filter(|name| *name != "site-admin").collect();
    assert_eq!(addressed, ["delta", "echo", "Bravo", "foxtrot", "Charlie", "alpha"]);
    let tied = listed(&server, &admin, "q=bob&sort=display_name,-username");
    assert_eq!(tied.len(), 2);
}

#[test]
fn cursors_visit_every_user_once_in_every_order() {
    let (server, admin) = populated();
    for key in ["created_at", "updated_at", "last_login_at", "username", "email", "display_name"] {
        for sort in [key.to_owned(), format!("-{key}"), with_second_key(key)] {
            let whole = listed(&server, &admin, &format!("sort={sort}"));
            for limit in [1, 2, 3, 6, 7] {
                assert_eq!(
                    all_pages(&server, &admin, &format!("sort={sort}&limit={limit}")),
                    whole,
                    "{sort} {limit}"
                );
            }
        }
    }
}

/// A sort by this key and a different second one.
fn with_second_key(key: &str) -> String {
    let other = if key == "username" { "email" } else { "username" };
    format!("{key},-{other}")
}

/// The usernames on all pages, following the `Link` headers.
fn all_pages(server: &Server, admin: &Person, query: &str) -> Vec<String> {
    let (mut path, mut all) = (format!("/users?{query}"), Vec::new());
    loop {
        let response = server.get(&path).by(admin).send().must_be(200);
        let page = response.json();
        all.extend(names(&page));
        assert_eq!(page["has_more"], !page["next_cursor"].is_null());
        let Some(link) = response.header("link") else {
            assert_eq!(page["has_more"], false);
            return all;
        };
        let target = link.strip_prefix('<').and_then(|rest| rest.split_once('>')).unwrap();
        assert_eq!(target.1, "; rel=\"next\"");
        assert!(target.0.contains(page["next_cursor"].as_str().unwrap()));
        target.0.clone_into(&mut path);
    }
}

#[test]
fn paging_is_stable_while_users_are_added_and_deleted() {
    let (server, admin) = populated();
    let first = server.get("/users?sort=username&limit=2").by(&admin).send().must_be(200).json();
    assert_eq!(names(&first), ["alpha", "Bravo"]);
    let gone = server.get("/users?username=bravo").by(&admin).send().must_be(200).json();
    let gone = format!("/users/{}", gone["data"][0]["id"].as_str().unwrap());
    server.delete(&gone).by(&admin).send().must_be(204);
    let _ = (server.register_only("aaa"), server.register_only("bz"));
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = listed(&server, &admin, &format!("sort=username&cursor={cursor}"));
    assert_eq!(rest, ["bz", "Charlie", "delta", "echo", "foxtrot", "site-admin"]);
}

#[test]
fn a_cursor_is_only_valid_with_its_filter_and_sort() {
    let (server, admin) = populated();
    let page = server.get("/users?sort=username&limit=2&q=a").by(&admin).send().must_be(200).json();
    let cursor = page["next_cursor"].as_str().unwrap();
    for query in
        ["sort=username", "q=a", "sort=-username&q=a", "sort=username&q=b", "sort=username&q=a&status=active"]
    {
        let response = server.get(&format!("/users?{query}&cursor={cursor}")).by(&admin).send();
        response.must_be_problem(400, "cursor_invalid");
    }
    // The page size may change.
    server.get(&format!("/users?sort=username&q=a&limit=1&cursor={cursor}")).by(&admin).send().must_be(200);
}

#[test]
fn a_damaged_cursor_is_rejected() {
    let (server, admin) = populated();
    let page = server.get("/users?sort=username&limit=2").by(&admin).send().must_be(200).json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let must_be_rejected = |cursor: &str| {
        let response = server.get(&format!("/users?sort=username&limit=2&cursor={cursor}")).by(&admin).send();
        response.must_be_problem(400, "cursor_invalid");
    };
    for (at, char) in cursor.char_indices() {
        let other = if char == 'A' { 'B' } else { 'A' };
        must_be_rejected(&format!("{}{other}{}", &cursor[..at], &cursor[at + 1..]));
    }
    for damaged in
        [&cursor[..cursor.len() - 1], &cursor[1..], "", "x", "%00", &format!("{cursor}="), &"A".repeat(5_000)]
    {
        must_be_rejected(damaged);
    }
}

#[test]
fn a_page_has_at_most_limit_items() {
    let (server, admin) = populated();
    assert_eq!(listed(&server, &admin, "limit=3").len(), 3);
    assert_eq!(listed(&server, &admin, "limit=1000").len(), 7);
    for limit in ["0", "1001", "-1", "1.5", "x", "", "99999999999999999999"] {
        let response = server.get(&format!("/users?limit={limit}")).by(&admin).send();
        assert_eq!(response.must_be_problem(400, "parameter_invalid").errors()[0].0, "limit", "{limit}");
    }
}

#[test]
fn unknown_parameters_sort_keys_and_values_are_rejected_with_the_known_ones() {
    let (server, admin) = populated();
    for (query, code, named) in [
        ("page=2", "unknown_parameter", "cursor"),
        ("Status=active", "unknown_parameter", "status"),
        ("sort=password", "parameter_invalid", "last_login_at"),
        ("sort=username,", "parameter_invalid", "last_login_at"),
        ("sort=", "parameter_invalid", "last_login_at"),
        ("status=gone", "parameter_invalid", "pending"),
        ("email=nope", "parameter_invalid", "email"),
    ] {
        let response = server.get(&format!("/users?{query}")).by(&admin).send().must_be_problem(400, code);
        assert!(response.text().contains(named), "{query}: {}", response.summary());
    }
    server.get("/users?q=a&q=b").by(&admin).send().must_be_problem(400, "parameter_invalid");
    let errors = server.get("/users?limit=0&page=2&sort=x").by(&admin).send().must_be(400).errors();
    assert_eq!(errors.len(), 3, "all errors are reported together");
}

#[test]
fn listing_users_requires_users_read() {
    let (server, admin) = populated();
    let ada = server.register("ada");
    server.get("/users").by(&ada).send().must_be_problem(403, "permission_denied");
    server.get("/users").send().must_be_problem(401, "authentication_required");
    let page = server.get("/users").by(&admin).send().must_be(200);
    assert_eq!(page.header("cache-control"), Some("no-store"));
}
