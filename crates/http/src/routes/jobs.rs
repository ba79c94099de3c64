//! Imports, and the jobs that make them.

use crate::bodies::import_parts::ImportParts;
use crate::bodies::imports::ImportRequest;
use crate::code::Code;
use crate::extract::{
    Authenticated, Authorized, JobRef, NoParams, Params, Part, PreferredType, Streaming, Upload, UsersImport,
};
use crate::openapi::endpoint::{Endpoint, Header, MediaType};
use crate::problem::Problem;
use crate::reply::{NoContent, Reply};
use crate::router::{Resource, Router};
use crate::streamed::Streamed;
use crate::views::jobs::JobView;
use actix_web::web::{self, Bytes, Data};
use paperclip::actix::api_v2_operation;
use roster_service::{ImportUpload, JobReport, Roster};
use serde_json::{Value, json};
use std::io;

pub(crate) fn configure(router: &mut Router<'_, '_>) {
    router.json(Resource::at("/users/import").post(import, IMPORT));
    router.other(Resource::at("/jobs/{id}/report").get(report, REPORT));
    router.json(Resource::at("/jobs/{id}").get(read, READ).delete(cancel, CANCEL));
}

const IMPORT: Endpoint =
    Endpoint::failing_with(&[Code::LoginTooOld, Code::TooManyJobs, Code::Unavailable, Code::OutcomeUnknown])
        .with_headers(&[Header::Location("/jobs/0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8")]);

/// Imports users.
///
/// Takes a file in any format that `roster import` reads, also compressed, as the body, or several as parts `file` of a form,
/// and imports them in a job, one job after the other. Requires `users:import` and a recent login (RFC 9470) of a user; API
/// keys cannot start imports.
///
/// Several files are imported as one: no two records in them may have the same names, and the report names the file of each.
/// What belongs to the password hashes of the old system is a part of the form. It is kept with the files, and erased with
/// them when the job ends.
///
/// A record of somebody who is here already changes nothing. Roles are granted only if you hold all of their permissions. The
/// job goes on after a restart, and stops if you are disabled or lose the permission.
#[api_v2_operation(operation_id = "importUsers", tags(users))]
async fn import(
    roster: Data<Roster>,
    caller: Authorized<UsersImport>,
    request: Params<ImportRequest>,
    upload: Upload<ImportParts>,
) -> Result<Reply<JobView, 202>, Problem> {
    let mut stored = roster.begin_import(&caller.call).await?;
    let ImportRequest { mut options, mode } = request.0;
    let mut parts = upload.begin()?;
    while let Some(part) = parts.next().await? {
        match part {
            Part::File(name) => {
                let mut piece = parts.piece().await?;
                // A browser sends an empty part for a file that was not chosen.
                if piece.is_none() && name.is_none() {
                    continue;
                }
                stored.begin_file(name);
                while let Some(bytes) = piece {
                    stored = store(stored, bytes).await?;
                    piece = parts.piece().await?;
                }
            }
            Part::Text(name) => ImportParts::add(name, parts.text().await?, &mut options).await?,
        }
    }
    ImportParts::check(&options)?;
    let job = roster.submit_import(&caller.call, stored, options, mode).await?;
    let path = format!("/jobs/{}", job.id);
    Ok(Reply::new(JobView::new(job)).with_location(&path))
}

/// Writing to a file blocks.
async fn store(mut upload: ImportUpload, piece: Bytes) -> Result<ImportUpload, Problem> {
    let stored = web::block(move || upload.write(&piece).map(|()| upload)).await;
    Ok(stored.map_err(|error| Problem::new(Code::Internal).with_cause(error.to_string()))??)
}

const READ: Endpoint = Endpoint::failing_with(&[Code::Unavailable]);

/// Reads a job.
///
/// Only the user who started it can. It is kept for seven days after its end.
#[api_v2_operation(operation_id = "readJob", tags(jobs))]
async fn read(
    roster: Data<Roster>,
    caller: Authenticated,
    job: JobRef,
    _: NoParams,
) -> Result<Reply<JobView>, Problem> {
    Ok(Reply::new(JobView::new(roster.job(&caller.0, job.0).await?)))
}

const REPORT: Endpoint = Endpoint::failing_with(&[Code::NotAcceptable, Code::Unavailable])
    .with_headers(&[Header::ContentDisposition("attachment; filename=\"report.ndjson\"")])
    .with_media(&[MediaType { name: NDJSON, schema: lines }]);

const NDJSON: &str = "application/x-ndjson";

fn lines() -> Value {
    let line = json!({
        "record": 1, "id": "0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8", "line": 1, "outcome": "imported", "username": "ada",
        "external_id": "ada", "status": "active", "reported": [],
    });
    json!({ "type": "string", "example": format!("{line}\n") })
}

/// Reads the report of a job.
///
/// A line for each record that was processed, in the order of the files: its number, its place in the file and, of several
/// files, the name of this one, and its outcome; for people who were imported, also the id of the user. If the job has
/// `unmatched_role_mappings` or `unread_lists`, they follow in a last line.
///
/// The response is sent in chunks, so it requires HTTP/1.1.
#[api_v2_operation(operation_id = "readJobReport", tags(jobs))]
async fn report(
    roster: Data<Roster>,
    caller: Authenticated,
    job: JobRef,
    _: NoParams,
    preferred: PreferredType,
    streaming: Streaming,
) -> Result<Streamed, Problem> {
    preferred.among(&[()], |()| NDJSON)?;
    let mut report = roster.job_report(&caller.0, job.0).await?;
    let file_name = "report.ndjson".to_owned();
    if streaming == Streaming::HeadersOnly {
        return Ok(Streamed::headers_only(NDJSON, file_name));
    }
    let first = report.next().await.map_err(roster_service::Error::from)?.unwrap_or_default();
    Ok(Streamed::new(NDJSON, file_name, first, report, |mut report: JobReport| async {
        let lines = report.next().await.map_err(io::Error::other)?;
        Ok(lines.map(|lines| (Bytes::from(lines), report)))
    }))
}

const CANCEL: Endpoint = Endpoint::failing_with(&[
    Code::JobFinished,
    Code::ChangedMeanwhile,
    Code::Unavailable,
    Code::OutcomeUnknown,
]);

/// Cancels a job.
///
/// Only the user who started it can. A job that runs stops before its next records, and then has the status `cancelled`; what
/// it has imported stays.
#[api_v2_operation(operation_id = "cancelJob", tags(jobs))]
async fn cancel(
    roster: Data<Roster>,
    caller: Authenticated,
    job: JobRef,
    _: NoParams,
) -> Result<NoContent, Problem> {
    roster.cancel_job(&caller.0, job.0).await?;
    Ok(NoContent)
}
