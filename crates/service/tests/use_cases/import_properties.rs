//! Properties of imports of arbitrary files.

use crate::fixtures::{import, import_with};
use crate::kit::app;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use roster_import::ImportOptions;
use roster_service::ImportMode;
use serde_json::{Value, json};

/// Field names to which an import gives a meaning.
const FIELD_NAMES: [&str; 18] = [
    "username",
    "email",
    "id",
    "password",
    "password_hash",
    "role",
    "roles",
    "is_admin",
    "status",
    "is_active",
    "deleted_at",
    "created_at",
    "last_login",
    "full_name",
    "email_verified",
    "attributes",
    "users",
    "data",
];

#[test]
fn any_json_is_imported_without_panic_and_every_record_is_reported() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let app = app();
    let mut runner = TestRunner::new(Config { cases: 500, failure_persistence: None, ..Config::default() });
    let files = (prop::collection::vec(any_json(), 0..6), any::<bool>());
    runner
        .run(&files, |(records, keyed)| {
            let count = records.len();
            let file = if keyed {
                json!({"users": records.into_iter().enumerate().map(|(n, record)| (format!("k{n}"), record)).collect::<serde_json::Map<_, _>>()})
            } else {
                Value::Array(records)
            };
            let report = runtime.block_on(import(&app, file.to_string().as_bytes(), ImportMode::DryRun));
            prop_assert_eq!(report.total, count);
            prop_assert_eq!(report.records.len(), count);
            prop_assert_eq!(report.imported + report.refused, count);
            prop_assert!(!report.to_string().is_empty() && serde_json::to_string(&report.records).is_ok());
            Ok(())
        })
        .unwrap();
}

#[test]
fn any_bytes_are_read_without_panic() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let app = app();
    let mut runner = TestRunner::new(Config { cases: 500, failure_persistence: None, ..Config::default() });
    let bytes = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..64),
        "[\\[\\]{}\":,a1 \n\\\\u-]{0,40}".prop_map(String::into_bytes),
    ];
    runner
        .run(&bytes, |file| {
            let options = ImportOptions::default();
            let _ = runtime.block_on(import_with(&app, &file, &options, ImportMode::DryRun));
            Ok(())
        })
        .unwrap();
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "[a-z@. \\$:{}0-9\t-]{0,20}".prop_map(Value::from),
    ];
    let name = prop_oneof!["[a-z_]{1,12}", prop::sample::select(&FIELD_NAMES[..]).prop_map(str::to_owned),];
    leaf.prop_recursive(4, 64, 12, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name.clone(), inner, 0..12)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}
