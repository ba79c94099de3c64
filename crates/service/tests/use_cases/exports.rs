//! Exports of users.

use crate::fixtures::{fixture, import, import_with, imported};
use crate::imports::comparable;
use crate::kit::{App, app, by};
use roster_domain::{RoleName, RoleSet, User};
use roster_import::{ImportOptions, PasswordTexts};
use roster_service::{Call, ExportError, ExportFormat, ExportHashes, ImportMode};
use serde_json::{Value, json};

async fn export(app: &App, format: ExportFormat, hashes: ExportHashes) -> (usize, String) {
    let mut out = Vec::new();
    let summary = app.roster.export_users(&Call::operator(), format, hashes, &mut out).await.unwrap();
    (summary.users, String::from_utf8(out).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_with_hashes_can_be_imported_again() {
    let from = app();
    for name in ["users.json", "users-array.json", "users-messy.json"] {
        import(&from, &fixture(name), ImportMode::Write).await;
    }
    let unusual = json!({"id": "odd", "username": "o dd", "deleted_at": "2020-01-01", "roles": [], "key": "x",
        "attributes": {"api_key": 1, "version": 2}, "version": "2.0", "updated_at": "2021-01-01T00:00:00.000001"});
    import(&from, unusual.to_string().as_bytes(), ImportMode::Write).await;
    for format in [ExportFormat::Ndjson, ExportFormat::Json] {
        let (count, text) = export(&from, format, ExportHashes::Include).await;
        let to = app();
        let report = import(&to, text.as_bytes(), ImportMode::Write).await;
        assert_eq!((report.imported, report.refused), (count, 0), "{report}");
        for line in text.lines().map(|line| line.trim_end_matches(',')).filter(|line| line.len() > 1) {
            let id = serde_json::from_str::<Value>(line).unwrap()["external_id"].as_str().unwrap().to_owned();
            let (mut before, after) =
                (imported(&from, &id).await.unwrap(), imported(&to, &id).await.unwrap());
            if before.credential.password_hash().is_none() {
                // The reason why a hash is unusable is not exported.
                std::sync::Arc::make_mut(&mut before).credential = after.credential.clone();
            }
            assert_eq!(comparable(&before), comparable(&after));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_imported_export_keeps_its_ids_and_attributes() {
    let from = app();
    let ada = from.user("ada").await;
    let attributes = json!({"api_key": "by the API", "n": 9_007_199_254_740_993_u64, "deep": {"pin": 1}});
    let (_, text) = export(&from, ExportFormat::Ndjson, ExportHashes::Include).await;
    let mut record: Value = serde_json::from_str(&text).unwrap();
    record["attributes"] = attributes.clone();
    let to = app();
    let report = import(&to, record.to_string().as_bytes(), ImportMode::Write).await;
    assert_eq!((report.imported, report.refused), (1, 0), "{report}");
    let user = to.reload(&ada).await.unwrap();
    assert_eq!((user.id, user.external_id.clone()), (ada.id, None));
    assert_eq!(Value::Object(user.attributes.as_map().clone()), attributes);
    let again = import(&to, record.to_string().as_bytes(), ImportMode::Write).await;
    assert_eq!(again.unchanged, 1, "{again}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_has_the_fields_of_the_api_and_hashes_only_on_request() {
    let app = app();
    let ada = app.user("ada").await;
    let (count, text) = export(&app, ExportFormat::Ndjson, ExportHashes::Omit).await;
    assert_eq!(count, 1);
    assert_eq!(
        serde_json::from_str::<Value>(&text).unwrap(),
        json!({
            "id": ada.id, "username": "ada", "email": "ada@example.com", "email_verified": false, "display_name": null,
            "status": "active", "roles": ["user"], "attributes": {}, "external_id": null,
            "created_at": "2027-01-15T08:00:00.000000Z", "updated_at": "2027-01-15T08:00:00.000000Z",
            "last_login_at": null, "version": 1, "roster_export": 2,
        })
    );
    let (_, text) = export(&app, ExportFormat::Ndjson, ExportHashes::Include).await;
    assert!(text.contains(r#""password_hash":"$2b$04$"#));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_export_of_an_empty_store_is_empty() {
    let app = app();
    assert_eq!(export(&app, ExportFormat::Ndjson, ExportHashes::Omit).await, (0, String::new()));
    assert_eq!(export(&app, ExportFormat::Json, ExportHashes::Omit).await, (0, "[\n]\n".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_user_is_exported_once_across_pages() {
    let app = app();
    let lines =
        (0..2_500).map(|n| json!({"username": format!("p{n}"), "created_at": n % 7}).to_string() + "\n");
    import(&app, lines.collect::<String>().as_bytes(), ImportMode::Write).await;
    for format in [ExportFormat::Ndjson, ExportFormat::Json, ExportFormat::Csv] {
        let (count, text) = export(&app, format, ExportHashes::Omit).await;
        assert_eq!(count, 2_500);
        let names: std::collections::HashSet<_> = text
            .split(['"', ','])
            .filter(|part| part.len() > 1 && part.starts_with('p') && part[1..].parse::<u32>().is_ok())
            .collect();
        assert_eq!(names.len(), 2_500, "{format:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn csv_cells_cannot_run_as_formulas_in_a_spreadsheet() {
    let app = app();
    let file =
        json!([{"username": "=1+1", "name": "-a,\"b\"", "roles": ["x", "y"], "password": "p", "team": "é"}]);
    let options = ImportOptions { texts: PasswordTexts::Accept, ..ImportOptions::default() };
    import_with(&app, file.to_string().as_bytes(), &options, ImportMode::Write).await.unwrap();
    let (_, text) = export(&app, ExportFormat::Csv, ExportHashes::Include).await;
    let (heading, row) = text.split_once('\n').unwrap();
    assert!(heading.starts_with("id,username,email,") && heading.ends_with(",roster_export,password_hash"));
    assert!(row.contains(r#",'=1+1,,false,"'-a,""b""",active,x y,"{""team"":""é""}","#), "{row}");
    let (_, text) = export(&app, ExportFormat::Csv, ExportHashes::Omit).await;
    assert!(!text.contains("password_hash") && !text.contains("$2b$"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_requires_users_export_and_with_hashes_users_export_hashes() {
    let app = app();
    let (ordinary, admin) = (app.user("ordinary").await, app.admin("boss").await);
    let exporter = RoleName::new(RoleName::HASH_EXPORTER).unwrap();
    let keeper = User::clone(&admin).with_roles(RoleSet::new([RoleName::admin(), exporter]).unwrap());
    for (user, allowed) in [(&*ordinary, [false, false]), (&admin, [true, false]), (&keeper, [true, true])] {
        for (hashes, allowed) in [ExportHashes::Omit, ExportHashes::Include].into_iter().zip(allowed) {
            let outcome =
                app.roster.export_users(&by(user), ExportFormat::Json, hashes, &mut Vec::new()).await;
            assert_eq!(outcome.is_ok(), allowed, "{} {hashes:?}", user.username);
            assert!(allowed || matches!(outcome, Err(ExportError::Roster(_))));
        }
    }
}
