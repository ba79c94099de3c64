//! Imports of other systems' files give exactly the results in `expected.json`.

use crate::kit::{App, app};
use roster_domain::{ExternalId, LoginAlias, User};
use roster_import::{ImportOptions, ImportSummary, RecordLocation, RecordOutcome, RecordReport};
use roster_service::{Call, Error, ImportError, ImportMode, Progress};
use roster_storage::Store;
use serde_json::{Value, json};
use std::fmt;
use std::io::Cursor;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_map_by_username_is_imported_as_expected() {
    assert_imported_as_expected("users.json").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_array_is_imported_as_expected() {
    assert_imported_as_expected("users-array.json").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messy_records_are_imported_as_expected() {
    assert_imported_as_expected("users-messy.json").await;
}

pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    std::fs::read(folder.join(name)).unwrap()
}

/// A summary and the reports of all records.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Report {
    pub(crate) summary: ImportSummary,
    pub(crate) records: Vec<RecordReport>,
}

impl Deref for Report {
    type Target = ImportSummary;

    fn deref(&self) -> &ImportSummary {
        &self.summary
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.summary)?;
        let noteworthy = self.records.iter().filter(|record| record.outcome.needs_attention());
        noteworthy.into_iter().try_for_each(|record| write!(f, "{record}"))
    }
}

pub(crate) async fn import(app: &App, file: &[u8], mode: ImportMode) -> Report {
    import_with(app, file, &ImportOptions::default(), mode).await.unwrap()
}

pub(crate) async fn import_with(
    app: &App,
    file: &[u8],
    options: &ImportOptions,
    mode: ImportMode,
) -> Result<Report, ImportError> {
    let mut records = Vec::new();
    let mut observer = |record: &RecordReport, _: Progress| records.push(record.clone());
    let source = Cursor::new(file.to_vec());
    let summary = app.roster.import_users(&Call::operator(), source, options, mode, &mut observer).await?;
    Ok(Report { summary, records })
}

pub(crate) async fn imported(app: &App, external_id: &str) -> Option<Arc<User>> {
    app.store.user_by_external_id(&ExternalId::new(external_id).unwrap()).await.unwrap()
}

async fn assert_imported_as_expected(name: &str) {
    let app = app();
    let read = |name| serde_json::from_slice::<Value>(&fixture(name)).unwrap();
    let (expected, passwords) = (read("expected.json"), read("passwords.json"));
    let report = import(&app, &fixture(name), ImportMode::Write).await;
    let expected = expected[name].as_object().unwrap();
    assert_eq!(report.total, expected.len());
    for (key, expected) in expected {
        let record = report.records.iter().find(|record| is_named(record, key)).unwrap();
        assert_eq!(json_of(record)["outcome"], expected["outcome"], "{key}");
        if expected["outcome"] == "refused" {
            assert_eq!(json_of(record)["reason"], expected["reason"], "{key}");
            continue;
        }
        let reported = expected.get("reported").cloned().unwrap_or_else(|| json!([]));
        assert_eq!(json_of(record)["reported"], reported, "{key}");
        let user = imported(&app, key).await.unwrap();
        assert_fields(&user, expected);
        assert_logins(&app, &user, expected, &passwords[name]).await;
    }
}

fn json_of(record: &RecordReport) -> Value {
    serde_json::to_value(record).unwrap()
}

fn is_named(record: &RecordReport, name: &str) -> bool {
    match (&record.location, &record.outcome) {
        (RecordLocation::Key { key, .. }, _) => key == name,
        (_, RecordOutcome::Imported { external_id, .. }) => external_id == name,
        _ => false,
    }
}

fn assert_fields(user: &User, expected: &Value) {
    let stored = serde_json::to_value(user).unwrap();
    for field in ["username", "email", "display_name", "email_verified", "external_id", "roles"] {
        if let Some(value) = expected.get(field) {
            assert_eq!(&stored[field], value, "{field} of {}", user.username);
        }
    }
    if let Some(value) = expected.get("attributes") {
        assert_eq!(
            &Value::Object(user.attributes.as_map().clone()),
            value,
            "attributes of {}",
            user.username
        );
    }
    if let Some(value) = expected.get("status") {
        assert_eq!(user.status.kind().as_str(), value, "status of {}", user.username);
    }
    for (field, time) in [("created_at", Some(user.created_at)), ("last_login_at", user.last_login_at)] {
        if let Some(value) = expected.get(field) {
            let value = value.as_str().map(|text| text.parse().unwrap());
            assert_eq!(time, value, "{field} of {}", user.username);
        }
    }
}

async fn assert_logins(app: &App, user: &User, expected: &Value, passwords: &Value) {
    let names = [user.username.as_str(), user.email.as_ref().map_or("", |email| email.as_str())];
    let names = names.into_iter().chain(user.login_alias.as_ref().map(LoginAlias::as_str));
    let password = names.clone().find_map(|name| passwords[name].as_str()).unwrap();
    let logins: Vec<String> = match expected.get("login_as") {
        Some(logins) => serde_json::from_value(logins.clone()).unwrap(),
        None => names.filter(|name| !name.is_empty()).map(str::to_owned).collect(),
    };
    for login in logins {
        let status = match app.log_in(&login, password).await {
            Ok(_) => 200,
            Err(Error::NotActive(_)) => 403,
            Err(Error::BadCredentials) => 401,
            Err(error) => panic!("{login}: {error}"),
        };
        assert_eq!(status, expected["login"], "{login}");
        assert!(matches!(app.log_in(&login, "not it").await, Err(Error::BadCredentials)), "{login}");
    }
    if expected["login"] == 200 {
        let user = app.reload(user).await.unwrap();
        let hash = user.credential.password_hash().unwrap().as_str();
        let current = ["$2b$04$", "$bcrypt-sha256$v=2,t=2b,r=4$"].iter().any(|form| hash.starts_with(form));
        assert!(current, "{} was not rehashed", user.username);
    }
}
