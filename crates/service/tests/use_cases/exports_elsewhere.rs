//! Exports for other systems.

use crate::fixtures::{import, imported};
use crate::kit::{App, app};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roster_service::{Call, ExportFormat, ExportHashes, ImportMode};
use serde_json::{Value, json};

/// Made by argon2-cffi 25.1.0.
const ARGON2: &str =
    "$argon2id$v=19$m=1024,t=2,p=1$JFxEGaCrLuvlLM06H+JbVg$N37MP4x+OT7XEuzRmuKuAoGfi9S3wjzs7AttgwSBBQs";

const BCRYPT: &str = "$2y$05$Tl5Sd6sDmDMD.QaDYRqWxeib5ePEkb1JB3WEUAYwaJwC..WQ1D5zm";

/// Three people: one with every value, one who is locked, and one with a hash that only few systems verify.
async fn people() -> App {
    let app = app();
    let records = json!([
        {"id": "17", "username": "ada", "email": "Ada@example.com", "email_verified": true, "name": "Ada L",
            "password_hash": BCRYPT, "roles": ["user", "editor"], "team": "é", "desk": 4,
            "created_at": "2024-03-01T09:15:22.104233Z", "last_login": "2025-01-02T03:04:05Z"},
        {"username": "bob", "password_hash": ARGON2, "locked": true},
        {"username": "cleo", "password_hash": "$pbkdf2$131000$kZLSGgPgPEcIgfAew7j33g$uT5GHF3H.JXjOjDIKip1Y28pdME"},
    ]);
    let report = import(&app, records.to_string().as_bytes(), ImportMode::Write).await;
    assert_eq!(report.imported, 3, "{report}");
    app
}

/// The document, and which fields of how many users it lacks.
async fn export(app: &App, format: ExportFormat) -> (Value, Vec<(&'static str, u64)>) {
    let mut out = Vec::new();
    let call = Call::operator();
    let exporting = app.roster.export_users(&call, format, ExportHashes::Include, &mut out);
    let left_out = exporting.await.unwrap().left_out;
    (
        serde_json::from_slice(&out).unwrap(),
        left_out.iter().map(|left_out| (left_out.field, left_out.users)).collect(),
    )
}

fn find<'v>(records: &'v Value, field: &str, value: &str) -> &'v Value {
    records.as_array().unwrap().iter().find(|record| record[field] == value).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keycloak_receives_a_realm_with_users_credentials_and_roles() {
    let app = people().await;
    let (document, left_out) = export(&app, ExportFormat::Keycloak).await;
    let ada = find(&document["users"], "username", "ada");
    assert_eq!(ada["email"], "Ada@example.com");
    assert_eq!(ada["attributes"], json!({"desk": ["4"], "team": ["é"], "external_id": ["17"]}));
    assert_eq!(ada["createdTimestamp"], 1_709_284_522_104_i64);
    assert_eq!(ada["realmRoles"], json!(["editor", "user"]));
    let data: Value =
        serde_json::from_str(ada["credentials"][0]["credentialData"].as_str().unwrap()).unwrap();
    assert_eq!(data, json!({"algorithm": "bcrypt", "hashIterations": 5}));
    let bob = find(&document["users"], "username", "bob");
    assert_eq!(bob["enabled"], false);
    let data: Value =
        serde_json::from_str(bob["credentials"][0]["credentialData"].as_str().unwrap()).unwrap();
    assert_eq!(data["additionalParameters"]["memory"], json!(["1024"]));
    assert_eq!(document["roles"], json!({"realm": [{"name": "editor"}, {"name": "user"}]}));
    assert_eq!(left_out, [("disabled_at", 1), ("last_login_at", 1), ("password_hash", 1)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_realm_for_keycloak_can_be_imported_again() {
    let app = people().await;
    let (document, _) = export(&app, ExportFormat::Keycloak).await;
    let again = self::app();
    let report = import(&again, document["users"].to_string().as_bytes(), ImportMode::Write).await;
    assert_eq!((report.imported, report.refused), (3, 0), "{report}");
    let bob = find(&document["users"], "username", "bob")["id"].as_str().unwrap();
    let bob = imported(&again, bob).await.unwrap();
    assert_eq!(bob.credential.password_hash().unwrap().as_str(), ARGON2);
    assert!(!bob.is_active());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn auth0_receives_users_with_custom_password_hashes() {
    let app = people().await;
    let (document, left_out) = export(&app, ExportFormat::Auth0).await;
    let mut ada = find(&document, "username", "ada").clone();
    assert!(ada["user_id"].take().is_string());
    assert_eq!(
        ada,
        json!({
            "user_id": null, "username": "ada", "name": "Ada L", "email": "Ada@example.com", "email_verified": true,
            "blocked": false, "user_metadata": {"team": "é", "desk": 4},
            "app_metadata": {"roles": ["editor", "user"], "external_id": "17"},
            "custom_password_hash": {"algorithm": "bcrypt", "hash": {"value": BCRYPT.replace("$2y$", "$2b$")}},
        })
    );
    let bob = find(&document, "username", "bob");
    assert_eq!(bob["blocked"], true);
    assert_eq!(bob["custom_password_hash"]["hash"], json!({"value": ARGON2, "encoding": "utf8"}));
    assert_eq!(left_out, [("created_at", 3), ("disabled_at", 1), ("last_login_at", 1), ("password_hash", 1)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn firebase_receives_only_bcrypt_and_usernames_and_roles_as_claims() {
    let app = people().await;
    let (document, left_out) = export(&app, ExportFormat::Firebase).await;
    let ada = find(&document["users"], "email", "Ada@example.com");
    assert_eq!(ada["passwordHash"], STANDARD.encode(BCRYPT.replace("$2y$", "$2b$")));
    assert_eq!(
        (&ada["createdAt"], &ada["lastSignedInAt"]),
        (&json!("1709284522104"), &json!("1735787045000"))
    );
    assert_eq!(ada["customAttributes"], r#"{"roles":["editor","user"],"username":"ada"}"#);
    let disabled: Vec<_> =
        document["users"].as_array().unwrap().iter().map(|user| user["disabled"].clone()).collect();
    assert_eq!(disabled.iter().filter(|disabled| **disabled == true).count(), 1);
    assert_eq!(left_out, [("attributes", 1), ("disabled_at", 1), ("external_id", 3), ("password_hash", 2)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_parameters_of_argon2_are_in_the_order_that_every_system_reads() {
    let app = app();
    // npm argon2 writes them in the order of the alphabet.
    let hash = ARGON2.replace("m=1024,t=2,p=1", "m=1024,p=1,t=2");
    let record = json!([{"username": "bob", "password_hash": hash}]);
    assert_eq!(import(&app, record.to_string().as_bytes(), ImportMode::Write).await.imported, 1);
    let (document, _) = export(&app, ExportFormat::Auth0).await;
    assert_eq!(document[0]["custom_password_hash"]["hash"]["value"], ARGON2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn django_receives_groups_before_their_members_and_nobody_is_staff() {
    let app = people().await;
    let (document, _) = export(&app, ExportFormat::Django).await;
    let models: Vec<_> =
        document.as_array().unwrap().iter().map(|record| record["model"].as_str().unwrap()).collect();
    let first_user = models.iter().position(|model| *model == "auth.user").unwrap();
    assert!(models[..first_user].contains(&"auth.group"), "{models:?}");
    assert_eq!(models.iter().filter(|model| **model == "auth.group").count(), 2, "{models:?}");
    let users = document.as_array().unwrap().iter().filter(|record| record["model"] == "auth.user");
    let users = Value::Array(users.map(|record| record["fields"].clone()).collect());
    let ada = find(&users, "username", "ada");
    assert_eq!(ada["password"], format!("bcrypt{}", BCRYPT.replace("$2y$", "$$2b$")));
    assert_eq!(ada["groups"], json!([["editor"], ["user"]]));
    assert_eq!((&ada["is_staff"], &ada["is_superuser"]), (&json!(false), &json!(false)));
    assert_eq!(find(&users, "username", "bob")["is_active"], false);
    let cleo = find(&users, "username", "cleo")["password"].as_str().unwrap();
    assert!(cleo.starts_with('!') && cleo.len() == 33, "{cleo}");
}
