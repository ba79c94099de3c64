//! Imports as a whole: repetition, dry runs, interruptions and conflicts.

use crate::fixtures::{Report, fixture, import, import_with, imported};
use crate::kit::{App, anonymous, app, by};
use roster_domain::{Limit, Login, StatusKind, User, UserQuery};
use roster_import::{ImportOptions, PasswordTexts, RecordLocation, RecordOutcome, RecordReport};
use roster_service::{Call, ImportError, ImportMode, Progress};
use roster_storage::Store;
use serde_json::{Value, json};
use std::future::poll_fn;
use std::io::Cursor;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

/// All users, without the fields that differ between two imports.
async fn all_users(app: &App) -> Vec<Value> {
    let mut query = UserQuery { limit: Limit::new(1_000).unwrap(), ..UserQuery::default() };
    let mut users = Vec::new();
    loop {
        let page = app.store.users(&query).await.unwrap();
        users.extend(page.items.iter().map(|user| comparable(user)));
        query.after = page.next;
        if query.after.is_none() {
            break;
        }
    }
    users.sort_by_key(|user| user["external_id"].to_string());
    users
}

pub(crate) fn comparable(user: &User) -> Value {
    let mut value = serde_json::to_value(user).unwrap();
    value.as_object_mut().unwrap().remove("id");
    value
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_import_leaves_all_users_unchanged() {
    for name in ["users.json", "users-array.json", "users-messy.json"] {
        let app = app();
        let first = import(&app, &fixture(name), ImportMode::Write).await;
        let users = all_users(&app).await;
        let second = import(&app, &fixture(name), ImportMode::Write).await;
        assert_eq!((second.imported, second.unchanged), (0, first.imported), "{name}");
        assert_eq!(all_users(&app).await, users, "{name}");
        let refusals = |report: &Report| -> Vec<_> {
            let refused =
                |record: &&_| matches!(record, RecordReport { outcome: RecordOutcome::Refused { .. }, .. });
            report.records.iter().filter(refused).cloned().collect()
        };
        assert_eq!(refusals(&second), refusals(&first), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_reports_the_same_and_writes_nothing() {
    let app = app();
    let mut dry = import(&app, &fixture("users-messy.json"), ImportMode::DryRun).await;
    assert!(all_users(&app).await.is_empty());
    let written = import(&app, &fixture("users-messy.json"), ImportMode::Write).await;
    assert!(dry.to_string().contains("dry run"));
    dry.summary.dry_run = false;
    assert_eq!(dry, written);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_text_of_a_report_names_every_record() {
    let app = app();
    for _ in ["imported", "unchanged"] {
        let report = import(&app, &fixture("users.json"), ImportMode::Write).await;
        let text = report.to_string().replace([',', '\n'], " ");
        for record in &report.records {
            let RecordLocation::Key { key, .. } = &record.location else { panic!("a map has keys") };
            assert!(text.contains(&format!(" {key} ")), "{key} is not in: {text}");
        }
    }
}

/// More records than an import decides about at once.
const MANY: usize = 3_000;

/// Many records, of which one in ten is refused because of an earlier record.
fn many_records() -> Vec<u8> {
    let lines = (0..MANY).map(|n| {
        let hash = "$2b$04$YTUT1WQ5.lwoeqOy1CKLNOm8LAc4GlFSWm4knJrRctIRo2R4hTYKC";
        let email = format!("p{}@example.com", if n % 10 == 9 { n - 7 } else { n });
        json!({"username": format!("p {n}"), "email": email, "password_hash": hash, "n": n}).to_string()
    });
    lines.collect::<Vec<_>>().join("\n").into_bytes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_is_cancelled_and_run_again_has_the_same_result() {
    let whole = app();
    let report = import(&whole, &many_records(), ImportMode::Write).await;
    assert_eq!((report.imported, report.refused), (MANY * 9 / 10, MANY / 10));
    let mut partial_imports = 0;
    for records in [1, 10, 100, 200] {
        let app = app();
        let seen = AtomicUsize::new(0);
        {
            let (file, call) = (many_records(), Call::operator());
            let mut count =
                |_: &RecordReport, progress: Progress| seen.store(progress.done, Ordering::Relaxed);
            let (source, options) = (Cursor::new(file), ImportOptions::default());
            let mut run =
                pin!(app.roster.import_users(&call, source, &options, ImportMode::Write, &mut count));
            poll_fn(|context| {
                let is_over = run.as_mut().poll(context).is_ready();
                if is_over || seen.load(Ordering::Relaxed) >= records {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            })
            .await;
        }
        let again = import(&app, &many_records(), ImportMode::Write).await;
        assert_eq!(
            (again.imported + again.unchanged, again.refused),
            (MANY * 9 / 10, MANY / 10),
            "{records} records"
        );
        partial_imports += usize::from((1..MANY * 9 / 10).contains(&again.unchanged));
        assert!(all_users(&app).await == all_users(&whole).await, "{records} records");
    }
    assert!(partial_imports > 0, "at least one import was cancelled in the middle");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_failure_stops_the_import_with_its_progress() {
    let app = app();
    let store = app.store.clone();
    let mut close_after_100 = |_: &RecordReport, progress: Progress| {
        if progress.done == 100 {
            store.close().unwrap();
        }
    };
    let (call, source, options) = (Call::operator(), Cursor::new(many_records()), ImportOptions::default());
    let outcome =
        app.roster.import_users(&call, source, &options, ImportMode::Write, &mut close_after_100).await;
    let Err(ImportError::Stopped { progress, .. }) = outcome else { panic!("{outcome:?}") };
    assert!((100..MANY).contains(&progress.done), "{progress:?}");
    assert_eq!(progress.total, MANY);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plain_text_is_hashed_and_an_unknown_hash_is_pending() {
    let app = app();
    let file = json!([
        {"username": "plain", "password": "short"},
        {"username": "digest", "password": "5f4dcc3b5aa765d61d8327deb882cf99"},
        {"username": "nothing", "role": "admin"},
        {"username": "gone", "is_active": "no", "password_hash": "x"},
    ]);
    let options = ImportOptions { texts: PasswordTexts::Accept, ..ImportOptions::default() };
    let report = import_with(&app, file.to_string().as_bytes(), &options, ImportMode::Write).await.unwrap();
    assert_eq!(
        report.to_string(),
        "4 records: 4 imported, 0 unchanged, 0 refused\n  \
         record #1 (line 1): imported as plain: plain-text password hashed\n  \
         record #2 (line 1): imported as digest, pending: hash cannot be carried over: bare MD5\n  \
         record #3 (line 1): imported as nothing, pending: role admin granted; no password: cannot log in until one is set\n  \
         record #4 (line 1): imported as gone, disabled: password not imported: it is a marker for \"no password\"\n"
    );
    assert!(app.log_in("plain", "short").await.is_ok());
    for (name, status) in
        [("digest", StatusKind::Pending), ("nothing", StatusKind::Pending), ("gone", StatusKind::Disabled)]
    {
        assert_eq!(imported(&app, name).await.unwrap().status.kind(), status, "{name}");
    }
    assert!(!app.store.has_active_admin().await.unwrap(), "no usable administrator");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_taken_name_is_refused_and_its_holder_reported() {
    let app = app();
    app.user("ada").await;
    let file = br#"{"1": {"username": "ADA"}, "2": {"username": "bob", "email": "Ada@example.com"},
        "3": {"username": "eve"}, "4": {"id": 3, "username": "mallory"}}"#;
    let report = import(&app, file, ImportMode::Write).await;
    let again = import(&app, br#"{"3": {"username": "eva"}}"#, ImportMode::Write).await;
    let reasons = report.records.iter().chain(&again.records).filter_map(|record| match &record.outcome {
        RecordOutcome::Refused { reason } => Some(reason.to_string()),
        _ => None,
    });
    assert_eq!(
        reasons.collect::<Vec<_>>(),
        [
            "username taken: ADA is ada",
            "email taken: Ada@example.com is ada's",
            "external_id taken: 3 is record 3's",
            "external_id taken: 3 is eve's; if it is the same person under a new username, leave the record out, because \
             the user exists already; if not, give the record another id",
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_original_spelling_does_not_take_the_name_of_another_record_or_user() {
    let app = app();
    let file = br#"[{"username": "mallory", "login_alias": "ada"},
        {"roster_export": 2, "username": "trudy", "login_alias": "ada"}, {"username": "ada"},
        {"username": "Bob@example.com", "email": "other@example.com"}, {"username": "bob", "email": "bob@example.com"}]"#;
    let report = import(&app, file, ImportMode::Write).await;
    assert_eq!((report.summary.imported, report.summary.refused), (5, 0));
    for (login, username) in [("ada", "ada"), ("bob@example.com", "bob")] {
        let user = app.store.user_by_login(&Login::new(login)).await.unwrap().unwrap();
        assert_eq!(user.username.as_str(), username);
    }
    let mallory = app.store.user_by_login(&Login::new("mallory")).await.unwrap().unwrap();
    assert_eq!(mallory.attributes.as_map()["login_alias"], "ada", "an attribute in another system's file");

    let late = import(
        &app,
        br#"[{"roster_export": 2, "username": "eve", "login_alias": "ada"}]"#,
        ImportMode::Write,
    );
    match &late.await.records[0].outcome {
        RecordOutcome::Refused { reason } => assert_eq!(reason.to_string(), "login taken: ada is ada's"),
        outcome => panic!("{outcome:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_requires_the_permission_to_create_users() {
    let app = app();
    let ordinary = app.user("ordinary").await;
    for call in [anonymous(), by(&ordinary)] {
        let (source, options) = (Cursor::new(b"[]"), ImportOptions::default());
        let outcome = app
            .roster
            .import_users(&call, source, &options, ImportMode::Write, &mut |_: &RecordReport, _| {})
            .await;
        assert!(matches!(outcome, Err(ImportError::Denied(_))));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn generated_usernames_are_free_and_stable_across_imports() {
    let app = app();
    app.user("info").await;
    let file = json!([
        {"email": "info@a.example"},
        {"email": "info@b.example"},
        {"email": "ann.lee@a.example"},
        {"email": "al@b.example", "username": "ann.lee"},
        {"username": "x y"},
        {"username": "x.y"},
    ]);
    let report = import(&app, file.to_string().as_bytes(), ImportMode::Write).await;
    let names = report.records.iter().map(|record| match &record.outcome {
        RecordOutcome::Imported { username, .. } => username.clone(),
        outcome => panic!("{outcome:?}"),
    });
    assert_eq!(
        names.collect::<Vec<_>>(),
        ["info.a.example", "info.b.example", "ann.lee.a.example", "ann.lee", "x.y.2", "x.y"]
    );
    let again = import(&app, file.to_string().as_bytes(), ImportMode::Write).await;
    assert_eq!((again.imported, again.unchanged, again.refused), (0, 6, 0), "{again}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_duplicate_key_in_a_map_is_refused() {
    let app = app();
    let file =
        b"{\"a\": {\"username\": \"ann\"},\n\"b\": {\"username\": \"bob\"},\n\"a\": {\"username\": \"eve\"}}";
    let report = import(&app, file, ImportMode::DryRun).await;
    assert!(report.to_string().contains("refused: duplicate key, first on line 1"), "{report}");
    assert_eq!((report.imported, report.refused), (2, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_password_does_not_unlock_an_account() {
    let app = app();
    let file =
        json!([{"username": "lee", "locked_until": "2099-01-01"}, {"username": "ray", "ban_reason": "spam"}]);
    import(&app, file.to_string().as_bytes(), ImportMode::Write).await;
    for name in ["lee", "ray"] {
        let user = imported(&app, name).await.unwrap();
        let hash =
            roster_domain::PasswordHash::new("$2b$04$YTUT1WQ5.lwoeqOy1CKLNOm8LAc4GlFSWm4knJrRctIRo2R4hTYKC");
        let after = (*user).clone().with_password(hash.unwrap(), user.updated_at);
        assert!(!after.is_active(), "{name}: {:?}", after.status);
    }
}
