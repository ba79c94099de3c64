use super::*;
use crate::fields::parser::tests::{parse_with, parse_with_defaults};
use crate::options::ImportOptions;
use serde_json::json;

const BCRYPT: &str = "$2b$04$YTUT1WQ5.lwoeqOy1CKLNOm8LAc4GlFSWm4knJrRctIRo2R4hTYKC";

fn describe(secret: ImportedCredential) -> String {
    match secret {
        ImportedCredential::Hash(hash) => hash.as_str().to_owned(),
        ImportedCredential::PlainText(_) => "plain".to_owned(),
        ImportedCredential::Unusable(reason) => reason.reason(),
        ImportedCredential::None => "none".to_owned(),
    }
}

fn read(record: &Value) -> (String, Vec<String>) {
    parse_with_defaults(record, |parser| describe(parser.credential()))
}

fn read_with_texts(record: &Value) -> (String, Vec<String>) {
    let options = ImportOptions { texts: PasswordTexts::Accept, ..ImportOptions::default() };
    parse_with(&options, record, |parser| describe(parser.credential()))
}

#[test]
fn a_known_hash_is_imported_from_every_field() {
    for name in [
        "password_hash",
        "hashedPassword",
        "hashed_password",
        "passwordHash",
        "password",
        "user_pass",
        "pw_hash",
        "pwdHash",
        "hashed_pw",
        "crypted_password",
    ] {
        assert_eq!(read(&json!({name: format!("{BCRYPT}\n")})), (BCRYPT.to_owned(), vec![]), "{name}");
    }
}

#[test]
fn a_wrapped_hash_is_unwrapped() {
    for text in [
        format!("b'{BCRYPT}'"),
        format!("b\"{BCRYPT}\""),
        format!("'{BCRYPT}'"),
        format!("\"{BCRYPT}\""),
        format!("{{bcrypt}}{BCRYPT}"),
        format!("\"{{BLF-CRYPT}}{BCRYPT}\""),
    ] {
        assert_eq!(read(&json!({"password": text})), (BCRYPT.to_owned(), vec![]), "{text}");
    }
}

#[test]
fn plain_text_is_a_password_only_if_the_operator_accepts_it() {
    let record = json!({"password": "correct horse battery staple"});
    let (secret, notes) = read(&record);
    assert_eq!(secret, "plain text or an unknown hash");
    assert!(notes[0].contains("--plain-text-passwords"), "{notes:?}");
    assert_eq!(read_with_texts(&record), ("plain".to_owned(), vec!["plain-text password hashed".to_owned()]));
    assert_eq!(read_with_texts(&json!({"password": 12_345_678})).0, "plain");
    assert_eq!(read_with_texts(&json!({"password": "correct $ horse $ battery"})).0, "plain");
    for text in
        ["!Summer in 2024", "b'hunter2'", "password", "CorrectHorse1", "1234567890123456", "My pass (old)"]
    {
        assert_eq!(read_with_texts(&json!({"password": text})).0, "plain", "{text}");
    }
    assert!(read_with_texts(&json!({"password": "xy".repeat(513)})).0.starts_with("plain text of more"));
}

#[test]
fn a_text_that_resembles_a_hash_is_never_a_password() {
    for text in [
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "$6$salt$digest",
        "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
        "{noop}secret",
        "sha1$abc$0123",
        "$2b$10$cut",
        "$P$BexampleexampleexampleexampleX",
        "3|$argon2id$v=19$m=65536,t=4,p=1$c2FsdHNhbHQ$aGFzaGhhc2g",
        "md5b25f750cabc890658becde1882fd450f",
        "AQAAAAIAAYagAAAAEA==",
        "*3F5A0132EA909629C2BA08732FF7597CDB29071A",
        "0123456789abcdef0123456789abcdef:abababababababababababababababababababab",
        &"ab".repeat(20),
        "'5f4dcc3b5aa765d61d8327deb882cf99'",
        "\\x24326224",
        "0x0100AB12CD34EF",
        "aaQSqAReePlq6",
        "_J9..rasmBYk8r9AiWNc",
        "5F4DCC3B5AA765D6",
        "b'hunter\\x00'",
    ] {
        let (secret, notes) = read_with_texts(&json!({"password": text}));
        assert_eq!(notes.len(), 1, "{text}");
        assert!(notes[0].contains(&secret) && secret != "plain", "{text}: {notes:?}");
    }
    assert_eq!(read_with_texts(&json!({"password_hash": "hunter2"})).0, "unknown format");
}

#[test]
fn a_mask_a_placeholder_or_a_marker_is_not_a_password() {
    for text in [
        "**********",
        "••••••••",
        "xxxxxxxx",
        "ab****yz",
        "not cached",
        "NULL",
        "\\N",
        "n/a",
        "[REDACTED]",
        "!",
        "!!",
        "*",
        "*LK*",
        "x",
        "disabled",
        "!tVzHrZymM61dr3GRJEeki0vEfgBEHez4I53Kk60z",
        "1",
        "true",
        "set",
        "[object Object]",
        "<encrypted>",
        "(hidden)",
        "${PASSWORD}",
        "no longer valid",
        "RESET_REQUIRED",
        "auth_ldap",
        "ENC(b2xkIHNlY3JldA)",
        "vault:v1:8SDd3WHDOjf7mq69CyCqYjBXAiQQAVZRkFM13ok481zoCmHnSeDX9vyf7w==",
        "Buffer<24 32>",
        "<Buffer 24 32>",
        "b'true'",
    ] {
        let (secret, notes) = read_with_texts(&json!({"password": text}));
        assert!(secret != "plain", "{text}");
        assert!(notes[0].starts_with("password not imported: "), "{text}: {notes:?}");
    }
}

#[test]
fn a_hash_from_flask_security_is_not_imported() {
    let (secret, notes) = read(&json!({"password": BCRYPT, "fs_uniquifier": "a3f0c2d1"}));
    assert!(secret.starts_with("Flask-Security"), "{secret}");
    assert_eq!(notes[0], "fs_uniquifier dropped");
    assert!(notes[1].contains("SECURITY_PASSWORD_SALT"), "{notes:?}");
}

#[test]
fn the_best_credential_is_used_and_the_others_are_reported() {
    let record = json!({"password": "hunter2", "password_hash": BCRYPT, "hash": "5f4dcc3b"});
    let (secret, notes) = read(&record);
    assert_eq!((&*secret, notes.join("; ")), (BCRYPT, "password dropped; hash dropped".to_owned()));
    assert_eq!(read(&json!({"password": "", "password_hash": null})).0, "none");
}

#[test]
fn a_weak_hash_is_imported_only_if_the_operator_accepts_it() {
    let hash = "{SSHA}+qgNePjSVvjkMecZXU+L9hS0YMzAUih2";
    let record = json!({"password": hash});
    let (secret, notes) = read(&record);
    assert_eq!(secret, "LDAP digest, a weak hash (--allow-weak-hashes accepts it)");
    assert_eq!(notes, [format!("hash cannot be carried over: {secret}")]);
    let options = ImportOptions { weak_hashes: WeakHashes::Accept, ..ImportOptions::default() };
    assert_eq!(parse_with(&options, &record, |parser| describe(parser.credential())).0, hash);
}

#[test]
fn a_hash_that_takes_too_long_is_reported_with_its_time() {
    // 16 times as long as the default cost.
    let (secret, _) = read(&json!({"password": BCRYPT.replace("$04$", "$16$")}));
    assert!(secret.starts_with("bcrypt that takes ") && secret.contains("at most"), "{secret}");
}

#[test]
fn a_password_inside_an_object_is_taken_out_of_it() {
    let services = json!({"password": {"bcrypt": BCRYPT}, "github": {"id": 7}});
    let (secret, notes) = read(&json!({"services": services}));
    assert_eq!((secret, notes), (format!("bcrypt_sha256${BCRYPT}"), vec![]));
    let kept = parse_with_defaults(&json!({"services": services}), |parser| {
        parser.credential();
        parser.attributes().unwrap().as_map().clone()
    });
    assert_eq!(Value::Object(kept.0), json!({"services": {"github": {"id": 7}}}));
}
