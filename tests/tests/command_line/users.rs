//! `roster user`

use crate::sandbox::Sandbox;
use roster_tests::PASSWORD;
use serde_json::Value;

fn show_user(sandbox: &Sandbox, name: &str) -> Value {
    serde_json::from_str(&sandbox.run(&["user", "show", name, "--json"]).must_exit(0).stdout).unwrap()
}

#[test]
fn a_created_user_can_log_in() {
    let sandbox = Sandbox::new();
    let create = ["user", "create", "ada", "--email", "ada@example.org", "--password-stdin"];
    let result = sandbox.run_with(&create, &format!("{PASSWORD}\nnot this line\n")).must_exit(0);
    assert!(result.stdout.starts_with("created ada ("), "{result:?}");
    let server = sandbox.setup.clone().data(&sandbox.file("data")).start();
    assert_eq!(server.log_in("ada@example.org", PASSWORD).username, "ada");
}

#[test]
fn a_user_can_be_named_by_username_email_or_id() {
    let sandbox = Sandbox::new();
    sandbox.create("Ada", &["--email", "ada@example.org", "--display-name", "Ada L.", "--role", "admin"]);
    let user = show_user(&sandbox, "ada");
    assert_eq!(user["username"], "Ada");
    assert_eq!(user["display_name"], "Ada L.");
    assert_eq!(user["roles"], serde_json::json!(["admin"]));
    assert_eq!(show_user(&sandbox, "ADA@example.org"), user);
    assert_eq!(show_user(&sandbox, user["id"].as_str().unwrap()), user);
    sandbox.run(&["user", "show", "nobody"]).must_fail_with(&["nobody", "user list"]);
}

#[test]
fn user_show_prints_the_fields_of_the_api_and_no_hash() {
    let sandbox = Sandbox::new();
    sandbox.create("ada", &[]);
    let expected = "attributes created_at display_name email email_verified external_id id last_login_at \
                    must_change_password pending_reasons roles status updated_at username version";
    let user = show_user(&sandbox, "ada");
    assert_eq!(user.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" "), expected);
    let text = sandbox.run(&["user", "show", "ada"]).must_exit(0).stdout;
    assert!(text.contains("\nusername        ada\n") && !text.contains("$2b$"), "{text}");
}

#[test]
fn user_show_explains_why_a_user_cannot_log_in() {
    let sandbox = Sandbox::new();
    sandbox.create("ada", &[]);
    let lines = "{\"username\": \"bob\", \"password_hash\": \"5f4dcc3b5aa765d61d8327deb882cf99\"}\n{\"username\": \"eve\"}\n";
    let report = sandbox.run_with(&["import", "-"], lines).must_exit(0).stdout;
    let password = |name| {
        let text = sandbox.run(&["user", "show", name]).must_exit(0).stdout;
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
fn user_list_prints_a_table_or_json_lines_filtered_and_sorted() {
    let sandbox = Sandbox::new();
    sandbox.create("ada", &["--role", "admin"]);
    sandbox.create("bob", &[]);
    sandbox.create("cyd", &[]);
    let table = sandbox.run(&["user", "list"]).must_exit(0).stdout;
    let names: Vec<_> = table.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    assert_eq!(names, ["USERNAME", "ada", "bob", "cyd"]);
    let listed = |more: &[&str]| {
        let lines = sandbox.run(&[&["user", "list", "--json"], more].concat()).must_exit(0).stdout;
        let name =
            |line| serde_json::from_str::<Value>(line).unwrap()["username"].as_str().unwrap().to_owned();
        lines.lines().map(name).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(listed(&["--sort", "-username"]), "cyd bob ada");
    assert_eq!(listed(&["--role", "admin"]), "ada");
    assert_eq!(listed(&["--query", "Y"]), "cyd");
    assert_eq!(listed(&["--status", "disabled"]), "");
    let refused = sandbox.run(&["user", "list", "--sort", "age"]).must_exit(2);
    assert!(refused.stderr.contains("age") && refused.stderr.contains("created_at"), "{refused:?}");
    sandbox.run(&["user", "list", "--status", "gone"]).must_exit(2);
}

#[test]
fn status_roles_and_password_can_be_changed() {
    let sandbox = Sandbox::new();
    sandbox.create("ada", &[]);
    sandbox.run(&["user", "disable", "ada"]).must_exit(0);
    assert_eq!(show_user(&sandbox, "ada")["status"], "disabled");
    sandbox.run(&["user", "enable", "ada"]).must_exit(0);
    assert_eq!(show_user(&sandbox, "ada")["status"], "active");
    let result = sandbox.run(&["user", "set-roles", "ada", "user", "gardener"]).must_exit(0);
    assert!(result.stderr.contains("gardener"), "{result:?}");
    assert_eq!(show_user(&sandbox, "ada")["roles"], serde_json::json!(["gardener", "user"]));
    sandbox.run_with(&["user", "set-password", "ada", "--password-stdin"], "a new one, finer").must_exit(0);
    let server = sandbox.setup.clone().data(&sandbox.file("data")).start();
    assert_eq!(server.try_log_in("ada", PASSWORD).status(), 401);
    assert_eq!(server.try_log_in("ada", "a new one, finer").status(), 200);
}

#[test]
fn a_temporary_password_must_be_replaced_at_the_next_login() {
    let sandbox = Sandbox::new();
    sandbox.create("ada", &[]);
    let create = ["user", "create", "bob", "--temporary", "--password-stdin"];
    sandbox.run_with(&create, PASSWORD).must_exit(0);
    let set = ["user", "set-password", "ada", "--temporary", "--password-stdin"];
    let result = sandbox.run_with(&set, PASSWORD).must_exit(0);
    assert!(result.stderr.contains("must change the password at the next login"), "{result:?}");
    for name in ["ada", "bob"] {
        assert_eq!(show_user(&sandbox, name)["must_change_password"], true);
        let text = sandbox.run(&["user", "show", name]).must_exit(0).stdout;
        assert!(text.contains("password        temporary"), "{text}");
    }
    let server = sandbox.setup.clone().data(&sandbox.file("data")).start();
    for name in ["ada", "bob"] {
        let response = server.try_log_in(name, PASSWORD).must_be(200);
        assert_eq!(response.json()["password_change_required"], true);
    }
}

#[test]
fn a_password_activates_only_users_who_lacked_nothing_else() {
    let sandbox = Sandbox::new();
    let lines = [("ada", r#"["no_password"]"#), ("bob", r#"["no_password", "locked_before"]"#)].map(
        |(name, reasons)| {
            format!(
                r#"{{"roster_export": 2, "username": "{name}", "status": "pending", "pending_reasons": {reasons}}}"#
            )
        },
    );
    sandbox.run_with(&["import", "-"], &lines.join("\n")).must_exit(0);
    let text = sandbox.run(&["user", "show", "bob"]).must_exit(0).stdout;
    assert!(text.contains("status          pending: no_password, locked_before\n"), "{text}");
    let set = |name: &str| {
        sandbox.run_with(&["user", "set-password", name, "--password-stdin"], PASSWORD).must_exit(0).stderr
    };
    assert!(set("ada").contains("is now active") && set("bob").contains("roster user enable bob"));
    assert_eq!(
        (&show_user(&sandbox, "ada")["status"], &show_user(&sandbox, "bob")["status"]),
        (&"active".into(), &"pending".into())
    );
    assert_eq!(show_user(&sandbox, "bob")["pending_reasons"], serde_json::json!(["locked_before"]));
    assert_eq!(show_user(&sandbox, "ada")["pending_reasons"], Value::Null);
}

#[test]
fn the_last_administrator_cannot_be_disabled_or_demoted() {
    let sandbox = Sandbox::new();
    sandbox.create("ada", &["--role", "admin"]);
    sandbox.run(&["user", "disable", "ada"]).must_fail_with(&["last active administrator"]);
    sandbox.run(&["user", "set-roles", "ada", "user"]).must_fail_with(&["last active administrator"]);
}

#[test]
fn invalid_input_is_rejected_with_the_reason() {
    let sandbox = Sandbox::new();
    sandbox.create("ada", &[]);
    let create = |name: &str, password: &str| {
        sandbox.run_with(&["user", "create", name, "--password-stdin"], password)
    };
    create("Ada", PASSWORD).must_fail_with(&["username", "taken"]);
    create("a b", PASSWORD).must_fail_with(&["USERNAME", "no spaces"]);
    create("bob", "short\n").must_fail_with(&["password", "at least 8"]);
    create("bob", "\n").must_fail_with(&["no password on stdin"]);
}

#[test]
fn without_a_terminal_the_password_must_come_from_stdin() {
    let sandbox = Sandbox::new();
    sandbox.run(&["user", "create", "bob", "--password", "x"]).must_exit(2);
    if !std::path::Path::new("/dev/tty").exists() || std::fs::File::open("/dev/tty").is_err() {
        sandbox.run(&["user", "create", "bob"]).must_fail_with(&["--password-stdin"]);
    }
}

#[test]
fn a_user_can_be_erased_and_the_last_administrator_cannot() {
    let sandbox = Sandbox::new();
    sandbox.create("root", &["--role", "admin"]);
    sandbox.create("ada", &[]);
    sandbox.run(&["user", "delete", "ada"]).must_fail_with(&["no terminal", "--yes"]);
    assert_eq!(show_user(&sandbox, "ada")["username"], "ada");
    let result = sandbox.run(&["user", "delete", "ada", "--yes"]).must_exit(0);
    assert!(result.stdout.starts_with("erased ada ("), "{result:?}");
    sandbox.run(&["user", "show", "ada"]).must_fail_with(&["ada", "user list"]);
    sandbox.run(&["user", "delete", "root", "--yes"]).must_fail_with(&["last"]);
    let log = sandbox.run(&["audit", "--action", "user_deleted", "--format", "table"]).must_exit(0).stdout;
    assert!(log.contains("operator"), "{log}");
}

#[test]
fn an_unknown_role_is_stored_with_a_warning() {
    let sandbox = Sandbox::new();
    let create = ["user", "create", "ada", "--role", "admni", "--password-stdin"];
    let result = sandbox.run_with(&create, &format!("{PASSWORD}\n")).must_exit(0);
    assert!(
        result.stderr.contains("does not know the role \"admni\"")
            && result.stderr.contains("did you mean admin?"),
        "{result:?}"
    );
    let report =
        sandbox.run_with(&["import", "-"], r#"{"username": "bob", "role": "admni"}"#).must_exit(0).stdout;
    assert!(report.contains("did you mean admin?"), "{report}");
}
