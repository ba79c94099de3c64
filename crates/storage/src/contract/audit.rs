//! Promises about the audit log.

use super::reads::creation;
use super::{Bench, People};
use crate::{Guard, Store, UnitOfWork};
use jiff::{SignedDuration, Timestamp};
use roster_domain::{
    Action, Actor, ActorFilter, AuditFilter, AuditId, AuditQuery, AuditRecord, Field, JobId, Limit, Origin,
    OsUser, Outcome, RequestId, TargetFilter, User, Version,
};
use std::sync::Arc;

fn at(number: u32) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_700_000_000 + i64::from(number))
}

/// The job of the record with this number.
fn job(number: u32) -> JobId {
    let mut random = [1; 10];
    random[6..].copy_from_slice(&number.to_be_bytes());
    JobId::new(at(number), random)
}

/// The record with this number. Consecutive records differ in everything that can be filtered.
fn nth(number: u32) -> AuditRecord {
    let mut random = [0; 10];
    random[6..].copy_from_slice(&number.to_be_bytes());
    let somebody = |number: u32| People.nth(number % 3).id;
    let of = |number: u32, choices: usize| number as usize % choices;
    AuditRecord {
        id: AuditId::new(at(number), random),
        at: at(number),
        actor: [Actor::User(somebody(number)), Actor::Anonymous, Actor::Operator, Actor::System]
            [of(number, 4)],
        action: Action::ALL[of(number, Action::ALL.len())].into(),
        target: (!number.is_multiple_of(5)).then(|| somebody(number + 1).into()),
        session: None,
        signing_key: None,
        job: number.is_multiple_of(10).then(|| job(number)),
        outcome: Outcome::ALL[of(number, Outcome::ALL.len())].into(),
        origin: Origin {
            ip: (!number.is_multiple_of(7))
                .then(|| [192, 0, 2, u8::try_from(number % 7).unwrap_or(0)].into()),
            request_id: (!number.is_multiple_of(2))
                .then(|| RequestId::new(format!("r-{number}")).expect("plain")),
            os_user: number.is_multiple_of(11).then(|| OsUser::new("anna").expect("plain")),
        },
        changed: if number.is_multiple_of(3) {
            vec![Field::Email.into(), Field::Roles.into()]
        } else {
            Vec::new()
        },
        count: AuditRecord::ONCE.saturating_add(number % 4),
    }
}

async fn commit(store: &Arc<dyn Store>, record: AuditRecord) -> AuditRecord {
    store.commit(UnitOfWork::audited(record.clone())).await.expect("no guard");
    record
}

/// Commits this many records and returns them, newest first.
async fn history(store: &Arc<dyn Store>, count: u32) -> Vec<AuditRecord> {
    let mut records = Vec::new();
    for number in 0..count {
        records.insert(0, commit(store, nth(number)).await);
    }
    records
}

/// Stores a user, and returns the record of it.
async fn create(store: &Arc<dyn Store>, user: User) -> AuditRecord {
    let unit = creation(&Arc::new(user));
    let record = AuditRecord::clone(unit.record().expect("it is not maintenance"));
    store.commit(unit).await.expect("a free name is taken");
    record
}

fn page_of(limit: u64) -> AuditQuery {
    AuditQuery { limit: Limit::new(limit).expect("small"), ..AuditQuery::default() }
}

/// All matching records, page by page.
pub(super) async fn collect(store: &Arc<dyn Store>, mut query: AuditQuery) -> Vec<AuditRecord> {
    let mut seen = Vec::new();
    loop {
        let page = store.audit_records(&query).await.expect("readable");
        assert!(page.items.len() <= query.limit.get(), "more than requested");
        seen.extend(page.items.iter().map(|record| (**record).clone()));
        let Some(next) = page.next else { return seen };
        assert!(query.before.is_none_or(|before| next < before), "a page must lead on");
        query.before = Some(next);
    }
}

/// Every field is kept.
pub async fn records_come_newest_first_and_as_they_were_committed(bench: &impl Bench) {
    let store = bench.fresh().await;
    assert_eq!(collect(&store, page_of(10)).await, []);
    let records = history(&store, 30).await;
    assert_eq!(collect(&store, page_of(1_000)).await, records);
}

/// This holds for every page size.
pub async fn audit_pages_visit_every_record_once(bench: &impl Bench) {
    let store = bench.fresh().await;
    let records = history(&store, 20).await;
    for limit in [1, 2, 7, 19, 20, 21] {
        assert_eq!(collect(&store, page_of(limit)).await, records, "{limit} a page");
    }
}

/// Records committed meanwhile are newer than all remaining pages.
pub async fn audit_pages_are_stable_under_commits(bench: &impl Bench) {
    let store = bench.fresh().await;
    let records = history(&store, 12).await;
    let (mut query, mut seen) = (page_of(2), Vec::new());
    for number in 100.. {
        let page = store.audit_records(&query).await.expect("readable");
        seen.extend(page.items.iter().map(|record| (**record).clone()));
        commit(&store, nth(number)).await;
        query.before = page.next;
        if page.next.is_none() {
            break;
        }
    }
    assert_eq!(seen, records);
}

/// Tests each condition alone, and some together.
pub async fn audit_filters_find_exactly_the_matching_records(bench: &impl Bench) {
    let store = bench.fresh().await;
    let records = history(&store, 60).await;
    let none = AuditFilter::default;
    let somebody = People.nth(1).id;
    let filters = [
        AuditFilter { actor: Some(ActorFilter::Id(*somebody.as_uuid())), ..none() },
        AuditFilter { actor: Some(ActorFilter::Anonymous), ..none() },
        AuditFilter { actor: Some(ActorFilter::Operator), outcome: Some(Outcome::Success), ..none() },
        AuditFilter { actor: Some(ActorFilter::System), ..none() },
        AuditFilter { target: Some(TargetFilter::Id(*somebody.as_uuid())), ..none() },
        AuditFilter { target: Some(TargetFilter::Id(*People.nth(99).id.as_uuid())), ..none() },
        AuditFilter { target: Some(TargetFilter::Id(*job(20).as_uuid())), ..none() },
        AuditFilter { action: Some(Action::LoggedIn), ..none() },
        AuditFilter { outcome: Some(Outcome::BadCredentials), ..none() },
        AuditFilter { from: Some(at(20)), to: Some(at(40)), ..none() },
        AuditFilter {
            ip: Some([192, 0, 2, 3].into()),
            target: Some(TargetFilter::Id(*somebody.as_uuid())),
            ..none()
        },
    ];
    for filter in filters {
        let expected: Vec<_> = records.iter().filter(|record| filter.matches(record)).cloned().collect();
        let found = collect(&store, AuditQuery { filter: filter.clone(), ..page_of(3) }).await;
        assert_eq!(found, expected, "{filter:?}");
    }
}

/// This holds even if the page is exactly full.
pub async fn the_last_audit_page_has_no_next(bench: &impl Bench) {
    let store = bench.fresh().await;
    assert_eq!(store.audit_records(&page_of(2)).await.expect("readable").next, None);
    history(&store, 2).await;
    assert_eq!(store.audit_records(&page_of(2)).await.expect("readable").next, None);
    assert!(store.audit_records(&page_of(1)).await.expect("readable").next.is_some());
}

/// While another task writes continuously, a reader that knows of a commit finds it.
pub async fn a_read_of_the_log_sees_all_that_was_committed_before_it(bench: &impl Bench) {
    let store = bench.fresh().await;
    let other = {
        let store = store.clone();
        tokio::spawn(async move {
            for number in 1_000..1_200 {
                commit(&store, nth(number)).await;
            }
        })
    };
    for number in 0..50 {
        let mine = commit(&store, nth(number)).await;
        let page = store.audit_records(&page_of(1_000)).await.expect("readable");
        assert!(page.items.iter().any(|record| **record == mine), "record {number} is missing");
    }
    other.await.expect("no panic");
    assert_eq!(collect(&store, page_of(1_000)).await.len(), 250);
}

/// The log contains only what was done.
pub async fn a_rejected_unit_is_not_in_the_log(bench: &impl Bench) {
    let store = bench.fresh().await;
    let user = People.nth(1);
    let rejected = UnitOfWork::audited(nth(1)).require(Guard::UserVersion(user.id, Version::FIRST.next()));
    let made = create(&store, user).await;
    store.commit(rejected).await.expect_err("another version");
    assert_eq!(collect(&store, page_of(10)).await, [made]);
}

/// Tests units with and without changes.
pub async fn the_log_survives_a_kill(bench: &impl Bench) {
    let store = bench.fresh().await;
    let mut records = history(&store, 10).await;
    records.insert(0, create(&store, People.nth(1)).await);
    let store = bench.reopened(store).await;
    assert_eq!(collect(&store, page_of(4)).await, records);
    records.insert(0, commit(&store, nth(50)).await);
    assert_eq!(collect(&store, page_of(4)).await, records);
}
