//! GET /users.

use roster_tests::{PASSWORD, Person, Server};
use serde_json::{Value, json};

/// An administrator and six people whose names sort differently by every key.
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
fn a_filter_picks_those_whom_it_says() {
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
fn a_sort_orders_by_each_key_and_ties_by_the_next() {
    let (server, admin) = populated();
    let made = ["site-admin", "delta", "alpha", "Bravo", "echo", "Charlie", "foxtrot"];
    assert_eq!(listed(&server, &admin, ""), made);
    assert_eq!(listed(&server, &admin, "sort=created_at"), made);
    let reversed: Vec<_> = made.into_iter().rev().collect();
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
fn cursors_visit_everybody_once_in_every_order() {
    let (server, admin) = populated();
    for key in ["created_at", "updated_at", "last_login_at", "username", "email", "display_name"] {
        for sort in [key.to_owned(), format!("-{key}"), second(key)] {
            let whole = listed(&server, &admin, &format!("sort={sort}"));
            for limit in [1, 2, 3, 6, 7] {
                assert_eq!(
                    walk(&server, &admin, &format!("sort={sort}&limit={limit}")),
                    whole,
                    "{sort} {limit}"
                );
            }
        }
    }
}

/// A sort by two keys; none may come twice.
fn second(key: &str) -> String {
    let other = if key == "username" { "email" } else { "username" };
    format!("{key},-{other}")
}

/// All pages of a list, from one `Link` to the next.
fn walk(server: &Server, admin: &Person, query: &str) -> Vec<String> {
    let (mut path, mut all) = (format!("/users?{query}"), Vec::new());
    loop {
        let answer = server.get(&path).by(admin).send().must_be(200);
        let page = answer.json();
        all.extend(names(&page));
        assert_eq!(page["has_more"], !page["next_cursor"].is_null());
        let Some(link) = answer.header("link") else {
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
fn a_walk_neither_repeats_nor_misses_those_who_stay_while_others_come_and_go() {
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
fn a_cursor_belongs_to_its_filter_and_its_sort() {
    let (server, admin) = populated();
    let page = server.get("/users?sort=username&limit=2&q=a").by(&admin).send().must_be(200).json();
    let cursor = page["next_cursor"].as_str().unwrap();
    for query in
        ["sort=username", "q=a", "sort=-username&q=a", "sort=username&q=b", "sort=username&q=a&status=active"]
    {
        let answer = server.get(&format!("/users?{query}&cursor={cursor}")).by(&admin).send();
        answer.refused(400, "cursor_invalid");
    }
    // The size of a page is neither.
    server.get(&format!("/users?sort=username&q=a&limit=1&cursor={cursor}")).by(&admin).send().must_be(200);
}

#[test]
fn a_damaged_cursor_is_refused() {
    let (server, admin) = populated();
    let page = server.get("/users?sort=username&limit=2").by(&admin).send().must_be(200).json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let refused = |cursor: &str| {
        let answer = server.get(&format!("/users?sort=username&limit=2&cursor={cursor}")).by(&admin).send();
        answer.refused(400, "cursor_invalid");
    };
    for (at, char) in cursor.char_indices() {
        let other = if char == 'A' { 'B' } else { 'A' };
        refused(&format!("{}{other}{}", &cursor[..at], &cursor[at + 1..]));
    }
    for damaged in
        [&cursor[..cursor.len() - 1], &cursor[1..], "", "x", "%00", &format!("{cursor}="), &"A".repeat(5_000)]
    {
        refused(damaged);
    }
}

#[test]
fn a_page_has_at_most_as_many_as_the_limit() {
    let (server, admin) = populated();
    assert_eq!(listed(&server, &admin, "limit=3").len(), 3);
    assert_eq!(listed(&server, &admin, "limit=1000").len(), 7);
    for limit in ["0", "1001", "-1", "1.5", "x", "", "99999999999999999999"] {
        let answer = server.get(&format!("/users?limit={limit}")).by(&admin).send();
        assert_eq!(answer.refused(400, "parameter_invalid").faults()[0].0, "limit", "{limit}");
    }
}

#[test]
fn an_unknown_parameter_sort_key_or_value_is_refused_and_the_known_are_named() {
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
        let answer = server.get(&format!("/users?{query}")).by(&admin).send().refused(400, code);
        assert!(answer.text().contains(named), "{query}: {}", answer.summary());
    }
    server.get("/users?q=a&q=b").by(&admin).send().refused(400, "parameter_invalid");
    let faults = server.get("/users?limit=0&page=2&sort=x").by(&admin).send().must_be(400).faults();
    assert_eq!(faults.len(), 3, "all at once");
}

#[test]
fn only_those_who_may_read_users_may_list_them() {
    let (server, admin) = populated();
    let ada = server.register("ada");
    server.get("/users").by(&ada).send().refused(403, "permission_denied");
    server.get("/users").send().refused(401, "authentication_required");
    let page = server.get("/users").by(&admin).send().must_be(200);
    assert_eq!(page.header("cache-control"), Some("no-store"));
}
