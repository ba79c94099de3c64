//! Secrets and texts that are not passwords, as real files have them.

use crate::fields::parser::tests::parse_with_defaults;
use crate::secrets::placeholders::no_password;
use crate::secrets::secret_text::is_foreign_hash;
use serde_json::{Value, json};

fn kept(record: &Value) -> Value {
    Value::Object(parse_with_defaults(record, |parser| parser.attributes().unwrap()).0.as_map().clone())
}

#[test]
fn a_secret_is_dropped_under_any_name() {
    for text in [
        "SCRAM-SHA-256$4096:c2FsdHNhbHRzYWx0$c3RvcmVka2V5:c2VydmVya2V5",
        "\\x24326224303424595455543157513521",
        "0x0100ab12cd34ef56ab12cd34ef56ab12cd34ef56",
        "W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
        "v1:0123456789abcdef0123456789abcdef,x",
        "0123456789abcdef0123456789abcdef/salt",
        " eyJhbGciOiJIUzI1NiJ9.e30.abc",
        "OTPAUTH://totp/x?secret=ABC",
        "postgres://u:hunter2@h/db",
        "https://h.example/?access_token=abc",
        "AKIAIOSFODNN7EXAMPLE",
        "ya29.short",
        "the password: hunter2",
        "a:1:{s:8:\"password\";s:7:\"hunter2\";}",
    ] {
        assert_eq!(kept(&json!({"blob": text})), json!({}), "{text}");
    }
    for name in
        ["authkey", "auth", "remember_me", "pepper", "tkn", "passord", "salasana", "lösenord", "パスワード"]
    {
        assert_eq!(kept(&json!({name: "abcdef1234"})), json!({}), "{name}");
    }
    let pairs = json!({"meta": [{"name": "password", "value": "hunter2"}, {"meta_key": "theme", "meta_value": "dark"}]});
    assert_eq!(kept(&pairs), json!({"meta": [{}, {"meta_key": "theme", "meta_value": "dark"}]}));
}

#[test]
fn ordinary_texts_are_kept() {
    for text in [
        "https://example.com/a?page=2",
        "https://user@example.com/",
        "forgot the password once",
        "2024-01-01/2024-02-01",
        "a/b/c",
        "New South Wales",
        "dQw4w9WgXcQ",
    ] {
        assert_eq!(kept(&json!({"blob": text})), json!({"blob": text}), "{text}");
    }
}

#[test]
fn markers_and_hashes_are_not_passwords() {
    for text in [
        "inactive",
        "archived",
        "anonymized",
        "nologin",
        "DISABLED by admin 2024-01-01",
        "locked:hunter2",
        "social_login",
        "azuread",
        "#N/A",
        "$PASSWORD",
        "System.Byte[]",
        "\\x",
        "!unusable",
        "social_login_only",
    ] {
        assert!(no_password(text).is_some(), "{text}");
    }
    for text in [
        "eyJhbGciOiJIUzI1NiJ9.e30.abc",
        "-----BEGIN PGP MESSAGE-----",
        "X03MO1qnZdYdgyfeuILPmQ",
        "W6ph5Mm5Pz8GgiULbPgzG37mj9g",
        "5f-4d-cc-3b-5a-a7-65-d6-1d-83-27-de-b8-82-cf-99",
        "grub.pbkdf2.sha512.10000.AB.CD",
    ] {
        assert!(is_foreign_hash(text), "{text}");
    }
    for text in ["hunter2", "correct horse battery staple", "P@ssw0rd!", "20240101", "tr0ub4dor&3"] {
        assert!(no_password(text).is_none() && !is_foreign_hash(text), "{text}");
    }
}
