//! Every statement is valid.

use jiff::Timestamp;
use roster_domain::{Limit, Sort, SortKey, StatusKind, UserFilter, UserQuery};
use roster_storage_sql::{Effort, FEW, NextUsers, Sql, UserList};
use rusqlite::StatementStatus;

use super::database;
use crate::connection::{Purpose, open};
use crate::listing::SqliteDialect;
use crate::settings::SqliteStoreSettings;
use crate::store::SqliteStore;
use crate::{
    audit, changes, doctor, guards, indexes, migrations, new_users, opening, search_index, service_accounts,
    sessions, users,
};

fn all() -> Vec<&'static Sql> {
    [
        audit::ALL,
        changes::ALL,
        guards::ALL,
        new_users::ALL,
        search_index::ALL,
        service_accounts::ALL,
        sessions::ALL,
        users::ALL,
    ]
    .concat()
}

#[test]
fn every_statement_can_be_prepared() {
    let connection = database();
    for sql in [&all(), doctor::ALL, migrations::ALL, opening::ALL, indexes::ALL].concat() {
        let prepared = connection.prepare(sql.text());
        assert!(prepared.is_ok(), "{:?}: {}", prepared.err(), sql.text());
    }
}

#[test]
fn no_statement_is_prepared_again_for_other_values() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.db");
    drop(SqliteStore::open(SqliteStoreSettings::new(&path, Timestamp::UNIX_EPOCH)).unwrap());
    let connection = open(&path, Purpose::Write, 1_024).unwrap();
    let mut again = Vec::new();
    for sql in all() {
        let mut statement = connection.prepare(sql.text()).unwrap();
        for value in [100, 200] {
            for place in 1..=statement.parameter_count() {
                statement.raw_bind_parameter(place, value).unwrap();
            }
            // Some of the values have a wrong type, which does not matter here.
            let _ = statement.raw_query().next();
            statement.clear_bindings();
        }
        again.extend((statement.get_status(StatementStatus::RePrepare) > 0).then(|| sql.text()));
    }
    assert!(again.is_empty(), "{again:#?}");
}

/// `.cargo/config.toml` says so.
#[test]
fn sqlite_counts_no_memory_under_a_common_lock() {
    let connection = database();
    let mut options = connection.prepare("PRAGMA compile_options").unwrap();
    let mut options = options.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap);
    assert!(options.any(|option| option == "DEFAULT_MEMSTATUS=0"));
}

#[test]
fn no_statement_reads_a_whole_table() {
    let connection = database();
    let whole: Vec<_> = all()
        .into_iter()
        .flat_map(|sql| {
            let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", sql.text())).unwrap();
            let steps = plan.raw_query().mapped(|row| row.get::<_, String>(3)).map(Result::unwrap);
            let scans: Vec<_> = steps.filter(|step| step.starts_with("SCAN ")).collect();
            scans.into_iter().map(|step| format!("{step}: {}", sql.text()))
        })
        // A list of ids, what a list of keys finds, the rows of a limited subquery, and the few active administrators.
        .filter(|scan| {
            !["SCAN j ", "SCAN k:", "SCAN few", "SCAN u USING COVERING INDEX active_admins"]
                .iter()
                .any(|few| scan.starts_with(few))
        })
        .collect();
    assert!(whole.is_empty(), "{whole:#?}");
}

/// The steps of the walk for the order, on the first and on a later page.
fn walk(filter: &UserFilter, sort: &str, later: bool) -> Vec<String> {
    let sort = Sort::parse(sort).unwrap();
    let after = later.then(|| sort.position(&roster_domain::fixtures::user(1)));
    let query = UserQuery { filter: filter.clone(), sort, limit: Limit::new(50).unwrap(), after };
    let connection = database();
    let mut list = UserList::new(&query, SqliteDialect { found: None }, Effort::all(FEW));
    let mut steps = Vec::new();
    loop {
        match list.next_step() {
            NextUsers::Read(statement) | NextUsers::Walk(statement) => {
                let mut plan =
                    connection.prepare(&format!("EXPLAIN QUERY PLAN {}", statement.sql())).unwrap();
                steps.extend(plan.raw_query().mapped(|row| row.get::<_, String>(3)).map(Result::unwrap));
                list.read(Vec::new());
            }
            NextUsers::Count(_) => list.counted(0),
            NextUsers::Done(_) => return steps,
        }
    }
}

#[test]
fn a_list_by_one_key_walks_an_index_in_both_directions() {
    for (sort, later) in orders_by_one_key() {
        let steps = walk(&UserFilter::default(), &sort, later);
        let is_walk = |step: &String| step.contains("USING INDEX") && !step.contains("TEMP B-TREE");
        assert!(steps.iter().all(is_walk), "{sort}, later: {later}: {steps:#?}");
    }
}

#[test]
fn a_list_of_a_status_other_than_active_walks_an_index_of_its_own() {
    let filter = UserFilter { status: Some(StatusKind::Disabled), ..UserFilter::default() };
    for (sort, later) in orders_by_one_key() {
        let steps = walk(&filter, &sort, later);
        let is_walk =
            |step: &String| step.starts_with("SEARCH") && step.contains("_by_") && step.contains("(status=?");
        assert!(steps.iter().all(is_walk), "{sort}, later: {later}: {steps:#?}");
    }
}

/// Every order by one key, on the first and on a later page.
fn orders_by_one_key() -> impl Iterator<Item = (String, bool)> {
    let orders = SortKey::ALL.iter().flat_map(|key| [key.as_str().to_owned(), format!("-{}", key.as_str())]);
    orders.flat_map(|order| [(order.clone(), false), (order, true)])
}

/// The first page, whose ties are not known yet.
#[test]
fn a_list_by_several_keys_walks_the_index_of_the_first() {
    for sort in ["-last_login_at,username", "display_name,-created_at", "-email,updated_at"] {
        for step in walk(&UserFilter::default(), sort, false) {
            assert!(step.contains("USING INDEX") && !step.contains("TEMP B-TREE"), "{sort}: {step}");
        }
    }
}
