//! Exports of users.

use crate::code::Code;
use crate::extract::{Authorized, Params, PreferredType, Streaming, UsersExport};
use crate::lists::{ExportRequest, Exported};
use crate::openapi::endpoint::{Endpoint, Header, MediaType};
use crate::problem::Problem;
use crate::router::{Resource, Router};
use crate::streamed::Streamed;
use actix_web::web::{Bytes, Data};
use paperclip::actix::api_v2_operation;
use roster_service::{ExportPages, RemoteExport, Roster};
use serde_json::{Value, json};
use std::io;

pub(crate) fn configure(router: &mut Router<'_, '_>) {
    router.other(Resource::at("/users/export").get(export, EXPORT));
}

const EXPORT: Endpoint = Endpoint::failing_with(&[
    Code::LoginTooOld,
    Code::NotAcceptable,
    Code::Unavailable,
    Code::OutcomeUnknown,
])
.with_headers(&[Header::ContentDisposition("attachment; filename=\"users.csv\""), Header::Vary])
.with_media(&[
    MediaType { name: Exported::Ndjson.media_type(), schema: ndjson },
    MediaType { name: Exported::Json.media_type(), schema: json },
    MediaType { name: Exported::Csv.media_type(), schema: csv },
]);

fn example() -> Value {
    json!({ "id": "0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8", "username": "ada" })
}

/// Line by line.
fn ndjson() -> Value {
    json!({ "type": "string", "example": format!("{}\n", example()) })
}

/// The fields are those of a user, and those that only an import needs.
fn json() -> Value {
    json!({ "type": "array", "items": { "type": "object" }, "example": [example()] })
}

fn csv() -> Value {
    json!({ "type": "string", "example": "id,username\n0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8,ada\n" })
}

/// Exports users.
///
/// All users that match, in the order of their creation, with every field: NDJSON and JSON are exact, and an import reads them
/// again; CSV is for spreadsheets, and an apostrophe precedes what a spreadsheet would run as a formula. The audit log has the
/// actions `users_exported` and `user_hashes_exported`.
///
/// `include=hashes` adds the password hashes. It requires `users:export-hashes`, which the role `admin` does not grant, and a
/// recent login (RFC 9470). API keys never get them.
///
/// The response is sent in chunks while the users are read, so it requires HTTP/1.1. If the store fails meanwhile, or you lose
/// your access, the connection is closed before the end of the body: discard what you have received. `HEAD` exports nothing,
/// and the audit log has no record of it.
#[api_v2_operation(operation_id = "exportUsers", tags(users))]
async fn export(
    roster: Data<Roster>,
    caller: Authorized<UsersExport>,
    request: Params<ExportRequest>,
    preferred: PreferredType,
    streaming: Streaming,
) -> Result<Streamed, Problem> {
    let ExportRequest { filter, format, hashes } = request.0;
    let chosen = match format {
        Some(format) => format,
        None => preferred.among(&Exported::ALL, Exported::media_type)?,
    };
    let file_name = format!("users.{}", chosen.name());
    let streamed = match streaming {
        Streaming::HeadersOnly => {
            roster.check_export(&caller.call, hashes)?;
            Streamed::headers_only(chosen.media_type(), file_name)
        }
        Streaming::Whole => {
            let RemoteExport { first, rest } =
                roster.begin_export(&caller.call, filter, chosen.format(), hashes).await?;
            Streamed::new(chosen.media_type(), file_name, first, rest, next_page)
        }
    };
    Ok(streamed.chosen_by_accept())
}

async fn next_page(mut pages: ExportPages) -> io::Result<Option<(Bytes, ExportPages)>> {
    match pages.next().await {
        Ok(bytes) => Ok(bytes.map(|bytes| (Bytes::from(bytes), pages))),
        Err(error) => {
            tracing::error!(target: "roster::http", %error, "an export ended early; its client sees that it is incomplete");
            Err(io::Error::other(error))
        }
    }
}
