//! Jobs: who runs one, and what happens if it cannot go on.

use crate::kit::{App, app_with_jobs};
use crate::memory_jobs::MemoryJobs;
use jiff::SignedDuration;
use roster_domain::{AuditQuery, JobId, StatusKind, TargetFilter};
use roster_import::ImportOptions;
use roster_service::{
    Call, Completeness, Error, ImportMode, JobState, JobStatus, Precondition, Runner, UserDraft,
};
use roster_storage::Store as _;
use std::cell::Cell;
use std::time::Duration;

/// The most that a file may have here.
const MAX_RECORDS: usize = 100_000;

const CSV: &str = "username\ngrace\n";

/// An application with these jobs, and the call of an administrator who has logged in.
async fn with(jobs: &MemoryJobs) -> (App, Call) {
    let app = app_with_jobs(jobs.clone(), MAX_RECORDS);
    app.admin("root").await;
    let _ = app.admin("other").await;
    let call = logged_in(&app).await;
    (app, call)
}

pub(crate) async fn logged_in(app: &App) -> Call {
    let session = app.start_session("root").await;
    app.authenticate(session.token.as_str()).await.unwrap()
}

async fn submit(app: &App, call: &Call, file: &str, options: ImportOptions) -> Result<JobId, Error> {
    let mut upload = app.roster.begin_import(call).await?;
    upload.write(file.as_bytes())?;
    Ok(app.roster.submit_import(call, upload, options, ImportMode::Write).await?.id)
}

async fn submitted(app: &App, call: &Call, file: &str) -> JobId {
    submit(app, call, file, ImportOptions::default()).await.unwrap()
}

/// Runs jobs, while both clocks run, until the state of this one passes the test.
async fn run_until(app: &App, jobs: &MemoryJobs, id: JobId, test: impl Fn(&JobState) -> bool) -> JobState {
    let reached = async {
        for _ in 0..10_000 {
            let state = jobs.state(id);
            if test(&state) {
                return state;
            }
            app.clock.advance(SignedDuration::from_millis(100));
            // The clock of the runtime is paused, so this only lets others run.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("it did not come to this: {:?}", jobs.state(id))
    };
    tokio::select! {
        () = app.roster.run_jobs() => panic!("jobs run until dropped"),
        state = reached => state,
    }
}

async fn ended(app: &App, jobs: &MemoryJobs, id: JobId) -> JobState {
    run_until(app, jobs, id, |state| state.finished_at.is_some()).await
}

fn is_running(state: &JobState) -> bool {
    state.status == JobStatus::Running
}

#[tokio::test(start_paused = true)]
async fn a_job_that_reads_its_file_for_minutes_shows_that_it_runs() {
    let jobs = MemoryJobs::slow();
    let (app, call) = with(&jobs).await;
    let id = submitted(&app, &call, CSV).await;
    let began_at = run_until(&app, &jobs, id, is_running).await.started_at.unwrap();
    run_until(&app, &jobs, id, |state| {
        let (now, seen_at) = (app.clock_now(), state.runner.unwrap().seen_at);
        // Other servers take it over after a minute.
        assert!(now.duration_since(seen_at) < SignedDuration::from_mins(1), "{state:?}");
        now.duration_since(began_at) > SignedDuration::from_mins(3)
    })
    .await;
    jobs.reading.add_permits(1);
    let done = ended(&app, &jobs, id).await;
    assert_eq!((done.status, done.counts.imported), (JobStatus::Done, 1));
}

#[tokio::test(start_paused = true)]
async fn a_job_is_cancelled_while_it_reads_its_file() {
    let jobs = MemoryJobs::slow();
    let (app, call) = with(&jobs).await;
    let id = submitted(&app, &call, CSV).await;
    run_until(&app, &jobs, id, is_running).await;
    app.roster.cancel_job(&call, id).await.unwrap();
    let cancelled = ended(&app, &jobs, id).await;
    assert_eq!((cancelled.status, cancelled.counts.total), (JobStatus::Cancelled, None));
}

/// Many people without anything else.
fn people(count: usize) -> String {
    (0..count).map(|n| format!("{{\"username\":\"p{n}\"}}\n")).collect::<Vec<_>>().concat()
}

#[tokio::test(start_paused = true)]
async fn a_job_is_cancelled_while_its_records_are_counted() {
    let jobs = MemoryJobs::slow();
    let (app, call) = with(&jobs).await;
    // Seconds of work, while the cancellation takes microseconds.
    let id = submitted(&app, &call, &people(MAX_RECORDS)).await;
    run_until(&app, &jobs, id, is_running).await;
    jobs.reading.add_permits(1);
    let jobs_run = app.roster.run_jobs();
    tokio::select! {
        () = jobs_run => panic!("jobs run until dropped"),
        cancelled = app.roster.cancel_job(&call, id) => cancelled.unwrap(),
    }
    let cancelled = ended(&app, &jobs, id).await;
    assert_eq!((cancelled.status, cancelled.counts.total), (JobStatus::Cancelled, None));
}

#[tokio::test(start_paused = true)]
async fn a_job_stops_while_it_reads_its_file_if_its_starter_is_disabled() {
    let jobs = MemoryJobs::slow();
    let (app, call) = with(&jobs).await;
    let id = submitted(&app, &call, CSV).await;
    run_until(&app, &jobs, id, is_running).await;
    disable(&app, &call).await;
    let failed = ended(&app, &jobs, id).await;
    assert_eq!((failed.status, failed.counts.total), (JobStatus::Failed, None));
    assert!(failed.reason.unwrap().contains("users:import"));
}

/// The operator disables the caller.
pub(crate) async fn disable(app: &App, call: &Call) {
    let draft = UserDraft { status: Some(StatusKind::Disabled), ..UserDraft::default() };
    let (id, operator) = (call.principal.user_id().unwrap(), Call::operator());
    let updated = app.roster.update_user(&operator, id, &Precondition::None, Completeness::Partial, &draft);
    updated.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_job_that_ends_each_server_that_runs_it_fails_after_five_takeovers() {
    let jobs = MemoryJobs::slow();
    let (app, call) = with(&jobs).await;
    let id = submitted(&app, &call, CSV).await;
    for lost in 0..=5 {
        let state = run_until(&app, &jobs, id, is_running).await;
        assert_eq!(state.takeovers.count, lost);
        // As another server would have left it that ended.
        jobs.change(id, |state| {
            state.status = JobStatus::Queued;
            state.runner = Some(Runner { process: u64::from(lost), seen_at: state.created_at });
        });
    }
    let failed = ended(&app, &jobs, id).await;
    assert_eq!(failed.status, JobStatus::Failed);
    assert!(failed.reason.as_ref().unwrap().starts_with("6 times in a row"), "{failed:?}");
}

#[tokio::test(start_paused = true)]
async fn a_server_never_takes_back_a_job_that_another_one_has_got_further_and_left() {
    let jobs = MemoryJobs::slow();
    let (app, call) = with(&jobs).await;
    let id = submitted(&app, &call, &people(10)).await;
    let is_left = Cell::new(false);
    let done = run_until(&app, &jobs, id, |state| {
        if is_running(state) && !is_left.replace(true) {
            jobs.change(id, |state| (state.runner, state.counts.done) = (None, 7));
            jobs.reading.add_permits(2);
        }
        state.finished_at.is_some()
    })
    .await;
    assert_eq!((done.status, done.counts.done, done.counts.imported), (JobStatus::Done, 10, 3));
}

#[tokio::test(start_paused = true)]
async fn takeovers_of_a_job_that_gets_further_do_not_add_up() {
    let jobs = MemoryJobs::slow();
    let (app, call) = with(&jobs).await;
    let id = submitted(&app, &call, CSV).await;
    for done in 0..10 {
        run_until(&app, &jobs, id, is_running).await;
        jobs.change(id, |state| {
            state.status = JobStatus::Queued;
            (state.counts.done, state.counts.refused) = (done + 1, done + 1);
            state.runner = Some(Runner { process: 1, seen_at: state.created_at });
        });
    }
    let state = run_until(&app, &jobs, id, is_running).await;
    assert_eq!(state.takeovers.count, 1);
}

#[tokio::test(start_paused = true)]
async fn a_job_that_fails_for_a_passing_reason_waits_while_others_run() {
    let jobs = MemoryJobs::new();
    let (app, call) = with(&jobs).await;
    let (broken, good) = (submitted(&app, &call, CSV).await, submitted(&app, &call, "username\nada\n").await);
    jobs.make_unreadable(broken);
    assert_eq!(ended(&app, &jobs, good).await.status, JobStatus::Done);
    let waiting = jobs.state(broken);
    assert_eq!(waiting.status, JobStatus::Running);
    assert!(waiting.reason.as_ref().unwrap().contains("the disk is slow"), "{waiting:?}");
    jobs.make_readable(broken);
    let done = ended(&app, &jobs, broken).await;
    assert_eq!((done.status, done.reason, done.counts.imported), (JobStatus::Done, None, 1));
}

#[tokio::test(start_paused = true)]
async fn a_job_that_cannot_go_on_for_a_day_fails_with_its_reason() {
    let jobs = MemoryJobs::new();
    let (app, call) = with(&jobs).await;
    let id = submitted(&app, &call, CSV).await;
    jobs.make_unreadable(id);
    let days = async {
        loop {
            app.clock.advance(SignedDuration::from_mins(10));
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    let failed = tokio::select! {
        () = days => unreachable!(),
        failed = ended(&app, &jobs, id) => failed,
    };
    assert_eq!(failed.status, JobStatus::Failed);
    assert!(failed.reason.as_ref().unwrap().contains("the disk is slow"), "{failed:?}");
}

#[tokio::test(start_paused = true)]
async fn a_damaged_job_ends_or_is_left_out_and_others_run() {
    let jobs = MemoryJobs::new();
    let (app, call) = with(&jobs).await;
    let damaged = [submitted(&app, &call, CSV).await, submitted(&app, &call, CSV).await];
    jobs.damage_plan(damaged[0]);
    jobs.damage_state(damaged[1]);
    let good = submitted(&app, &call, CSV).await;
    assert_eq!(ended(&app, &jobs, good).await.status, JobStatus::Done);
    let failed = jobs.state(damaged[0]);
    assert_eq!(failed.status, JobStatus::Failed);
    assert!(failed.reason.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_file_with_too_many_records_fails_before_any_is_imported() {
    let jobs = MemoryJobs::new();
    let (app, call) = with(&jobs).await;
    let id = submitted(&app, &call, &people(MAX_RECORDS + 1)).await;
    let failed = ended(&app, &jobs, id).await;
    assert_eq!((failed.status, failed.counts.total), (JobStatus::Failed, None));
    let expected = format!("there are more than {MAX_RECORDS} records; divide the import");
    assert_eq!(failed.reason, Some(expected));
}

#[tokio::test(start_paused = true)]
async fn a_job_reports_what_is_not_about_a_record() {
    let jobs = MemoryJobs::new();
    let (app, call) = with(&jobs).await;
    let file = r#"{"users": [{"username": "grace", "roles": ["admin"]}], "clients": [{"id": 1}, {"id": 2}]}"#;
    let role_mappings = vec!["boss=admin".parse().unwrap()];
    let id = submit(&app, &call, file, ImportOptions { role_mappings, ..ImportOptions::default() }).await;
    let id = id.unwrap();
    let done = ended(&app, &jobs, id).await;
    assert_eq!(done.file.unmatched_role_mappings, ["boss=admin"]);
    let lists: Vec<_> =
        done.file.unread_lists.iter().map(|list| (list.name.as_str(), list.entries)).collect();
    assert_eq!(lists, [("clients", 2)]);
    let report = jobs.report_of(id);
    let lines: Vec<_> = report.lines().collect();
    assert!(lines[0].contains("\"role admin granted\""), "{report}");
    assert_eq!(
        lines[1],
        r#"{"unmatched_role_mappings":["boss=admin"],"unread_lists":[{"name":"clients","entries":2}]}"#
    );
}

#[tokio::test(start_paused = true)]
async fn the_audit_log_names_the_job() {
    let jobs = MemoryJobs::slow();
    let (app, call) = with(&jobs).await;
    let id = submitted(&app, &call, CSV).await;
    app.roster.cancel_job(&call, id).await.unwrap();
    let mut query = AuditQuery::default();
    query.filter.target = Some(TargetFilter::Id(*id.as_uuid()));
    let records = app.store.audit_records(&query).await.unwrap().items;
    let actions: Vec<_> = records.iter().map(|record| record.action.as_str()).collect();
    assert_eq!(actions, ["import_cancelled", "import_started"]);
    assert!(records.iter().all(|record| record.job == Some(id) && record.target.is_none()));
}

#[tokio::test(start_paused = true)]
async fn a_login_that_becomes_too_old_during_an_upload_does_not_discard_it() {
    let jobs = MemoryJobs::slow();
    let (app, call) = with(&jobs).await;
    let upload = app.roster.begin_import(&call).await.unwrap();
    app.clock.advance(SignedDuration::from_hours(1));
    let refused = app.roster.begin_import(&call).await;
    assert!(matches!(refused, Err(Error::LoginTooOld { .. })));
    let submitted = app.roster.submit_import(&call, upload, ImportOptions::default(), ImportMode::Write);
    submitted.await.unwrap();
    let upload = app.roster.begin_import(&logged_in(&app).await).await.unwrap();
    disable(&app, &call).await;
    let submitted = app.roster.submit_import(&call, upload, ImportOptions::default(), ImportMode::Write);
    assert!(matches!(submitted.await, Err(Error::InvalidToken)));
}
