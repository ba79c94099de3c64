//! `roster user`

use crate::workplace::Workplace;
use roster_tests::PASSWORD;
use serde_json::Value;

fn shown(place: &Workplace, name: &str) -> Value {
    serde_json::from_str(&place.run(&["user", "show", name, "--json"]).must_exit(0).stdout).unwrap()
}

#[test]
fn a_created_user_can_log_in() {
    let place = Workplace::new();
    let create = ["user", "create", "ada", "--email", "ada@example.org", "--password-stdin"];
    let ran = place.run_with(&create, &format!("{PASSWORD}\nnot this line\n")).must_exit(0);
    assert!(ran.stdout.starts_with("created ada ("), "{ran:?}");
    let server = place.setup.clone().data(&place.file("data")).start();
    assert_eq!(server.log_in("ada@example.org", PASSWORD).username, "ada");
}

#[test]
fn a_user_is_named_by_username_email_or_id() {
    let place = Workplace::new();
    place.create("Ada", &["--email", "ada@example.org", "--display-name", "Ada L.", "--role", "admin"]);
    let user = shown(&place, "ada");
    assert_eq!(user["username"], "Ada");
    assert_eq!(user["display_name"], "Ada L.");
    assert_eq!(user["roles"], serde_json::json!(["admin"]));
    assert_eq!(shown(&place, "ADA@example.org"), user);
    assert_eq!(shown(&place, user["id"].as_str().unwrap()), user);
    place.run(&["user", "show", "nobody"]).must_fail_saying(&["nobody", "user list"]);
}

#[test]
fn what_is_shown_has_the_fields_of_the_api_and_no_hash() {
    let place = Workplace::new();
    place.create("ada", &[]);
    let expected = "attributes created_at display_name email email_verified external_id id last_login_at \
                    must_change_password pending_reasons roles status updated_at username version";
    let user = shown(&place, "ada");
    assert_eq!(user.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" "), expected);
    let text = place.run(&["user", "show", "ada"]).must_exit(0).stdout;
    assert!(text.contains("\nusername        ada\n") && !text.contains("$2b$"), "{text}");
}

#[test]
fn why_somebody_cannot_log_in_is_shown() {
    let place = Workplace::new();
    place.create("ada", &[]);
    let lines = "{\"username\": \"bob\", \"password_hash\": \"5f4dcc3b5aa765d61d8327deb882cf99\"}\n{\"username\": \"eve\"}\n";
    let report = place.run_with(&["import", "-"], lines).must_exit(0).stdout;
    let password = |name| {
        let text = place.run(&["user", "show", name]).must_exit(0).stdout;
        let line = text.lines().find_map(|line| line.strip_prefix("password        ").map(str::to_owned));
        line.unwrap_or_else(|| panic!("{text}"))
    };
    assert_eq!(
        (password("ada"), password("eve")),
        ("set".to_owned(), "none: cannot log in until one is set".to_owned())
    );
    let reason = password("bob").strip_prefix("cannot be used: ").unwrap().to_owned();
    assert!(!reason.is_empty() && report.contains(&reason), "{reason} is not in {report}");
}

#[test]
fn a_list_is_a_table_or_an_object_a_line_filtered_and_sorted() {
    let place = Workplace::new();
    place.create("ada", &["--role", "admin"]);
    place.create("bob", &[]);
    place.create("cyd", &[]);
    let table = place.run(&["user", "list"]).must_exit(0).stdout;
    let names: Vec<_> = table.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    assert_eq!(names, ["USERNAME", "ada", "bob", "cyd"]);
    let listed = |more: &[&str]| {
        let lines = place.run(&[&["user", "list", "--json"], more].concat()).must_exit(0).stdout;
        let name =
            |line| serde_json::from_str::<Value>(line).unwrap()["username"].as_str().unwrap().to_owned();
        lines.lines().map(name).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(listed(&["--sort", "-username"]), "cyd bob ada");
    assert_eq!(listed(&["--role", "admin"]), "ada");
    assert_eq!(listed(&["--query", "Y"]), "cyd");
    assert_eq!(listed(&["--status", "disabled"]), "");
    place.run(&["user", "list", "--sort", "age"]).must_fail_saying(&["age", "created_at"]);
    place.run(&["user", "list", "--status", "gone"]).must_exit(2);
}

#[test]
fn status_roles_and_password_can_be_changed() {
    let place = Workplace::new();
    place.create("ada", &[]);
    place.run(&["user", "disable", "ada"]).must_exit(0);
    assert_eq!(shown(&place, "ada")["status"], "disabled");
    place.run(&["user", "enable", "ada"]).must_exit(0);
    assert_eq!(shown(&place, "ada")["status"], "active");
    let ran = place.run(&["user", "set-roles", "ada", "user", "gardener"]).must_exit(0);
    assert!(ran.stderr.contains("gardener"), "{ran:?}");
    assert_eq!(shown(&place, "ada")["roles"], serde_json::json!(["gardener", "user"]));
    place.run_with(&["user", "set-password", "ada", "--password-stdin"], "a new one, finer").must_exit(0);
    let server = place.setup.clone().data(&place.file("data")).start();
    assert_eq!(server.try_log_in("ada", PASSWORD).status(), 401);
    assert_eq!(server.try_log_in("ada", "a new one, finer").status(), 200);
}

#[test]
fn a_temporary_password_has_to_be_replaced_by_its_owner() {
    let place = Workplace::new();
    place.create("ada", &[]);
    let create = ["user", "create", "bob", "--temporary", "--password-stdin"];
    place.run_with(&create, PASSWORD).must_exit(0);
    let set = ["user", "set-password", "ada", "--temporary", "--password-stdin"];
    let ran = place.run_with(&set, PASSWORD).must_exit(0);
    assert!(ran.stderr.contains("must change the password at the next login"), "{ran:?}");
    for name in ["ada", "bob"] {
        assert_eq!(shown(&place, name)["must_change_password"], true);
        let text = place.run(&["user", "show", name]).must_exit(0).stdout;
        assert!(text.contains("password        temporary"), "{text}");
    }
    let server = place.setup.clone().data(&place.file("data")).start();
    for name in ["ada", "bob"] {
        let answer = server.try_log_in(name, PASSWORD).must_be(200);
        assert_eq!(answer.json()["password_change_required"], true);
    }
}

#[test]
fn a_password_lets_in_whoever_waited_for_one_alone() {
    let place = Workplace::new();
    let lines = [("ada", r#"["no_password"]"#), ("bob", r#"["no_password", "locked_before"]"#)].map(
        |(name, reasons)| {
            format!(
                r#"{{"roster_export": 2, "username": "{name}", "status": "pending", "pending_reasons": {reasons}}}"#
            )
        },
    );
    place.run_with(&["import", "-"], &lines.join("\n")).must_exit(0);
    let text = place.run(&["user", "show", "bob"]).must_exit(0).stdout;
    assert!(text.contains("status          pending: no_password, locked_before\n"), "{text}");
    let set = |name: &str| {
        place.run_with(&["user", "set-password", name, "--password-stdin"], PASSWORD).must_exit(0).stderr
    };
    assert!(set("ada").contains("is now active") && set("bob").contains("roster user enable bob"));
    assert_eq!(
        (&shown(&place, "ada")["status"], &shown(&place, "bob")["status"]),
        (&"active".into(), &"pending".into())
    );
    assert_eq!(shown(&place, "bob")["pending_reasons"], serde_json::json!(["locked_before"]));
    assert_eq!(shown(&place, "ada")["pending_reasons"], Value::Null);
}

#[test]
fn the_last_administrator_cannot_be_locked_out() {
    let place = Workplace::new();
    place.create("ada", &["--role", "admin"]);
    place.run(&["user", "disable", "ada"]).must_fail_saying(&["last active administrator"]);
    place.run(&["user", "set-roles", "ada", "user"]).must_fail_saying(&["last active administrator"]);
}

#[test]
fn what_the_rules_refuse_is_refused_with_the_reason() {
    let place = Workplace::new();
    place.create("ada", &[]);
    let create =
        |name: &str, password: &str| place.run_with(&["user", "create", name, "--password-stdin"], password);
    create("Ada", PASSWORD).must_fail_saying(&["username", "taken"]);
    create("a b", PASSWORD).must_fail_saying(&["USERNAME", "no spaces"]);
    create("bob", "short\n").must_fail_saying(&["password", "at least 8"]);
    create("bob", "\n").must_fail_saying(&["no password on stdin"]);
}

#[test]
fn without_a_terminal_the_password_has_to_come_from_stdin() {
    let place = Workplace::new();
    place.run(&["user", "create", "bob", "--password", "x"]).must_exit(2);
    if !std::path::Path::new("/dev/tty").exists() || std::fs::File::open("/dev/tty").is_err() {
        place.run(&["user", "create", "bob"]).must_fail_saying(&["--password-stdin"]);
    }
}

#[test]
fn an_erased_user_is_gone_and_the_last_administrator_stays() {
    let place = Workplace::new();
    place.create("root", &["--role", "admin"]);
    place.create("ada", &[]);
    place.run(&["user", "delete", "ada"]).must_fail_saying(&["no terminal", "--yes"]);
    assert_eq!(shown(&place, "ada")["username"], "ada");
    let ran = place.run(&["user", "delete", "ada", "--yes"]).must_exit(0);
    assert!(ran.stdout.starts_with("erased ada ("), "{ran:?}");
    place.run(&["user", "show", "ada"]).must_fail_saying(&["ada", "user list"]);
    place.run(&["user", "delete", "root", "--yes"]).must_fail_saying(&["last"]);
    let log = place.run(&["audit", "--action", "user_deleted", "--format", "table"]).must_exit(0).stdout;
    assert!(log.contains("operator"), "{log}");
}

#[test]
fn a_role_that_is_none_is_kept_and_told_of() {
    let place = Workplace::new();
    let create = ["user", "create", "ada", "--role", "admni", "--password-stdin"];
    let ran = place.run_with(&create, &format!("{PASSWORD}\n")).must_exit(0);
    assert!(
        ran.stderr.contains("does not know the role \"admni\"") && ran.stderr.contains("did you mean admin?"),
        "{ran:?}"
    );
    let report =
        place.run_with(&["import", "-"], r#"{"username": "bob", "role": "admni"}"#).must_exit(0).stdout;
    assert!(report.contains("did you mean admin?"), "{report}");
}
