//! The audit log.

use crate::code::Code;
use crate::extract::{AuditRead, Authorized, Params};
use crate::lists::{AuditRequest, PageRequest};
use crate::openapi::endpoint::{Endpoint, Header};
use crate::problem::Problem;
use crate::reply::Reply;
use crate::router::{Resource, Router};
use crate::rules::Include;
use crate::views::audit::AuditPageView;
use actix_web::web::Data;
use paperclip::actix::api_v2_operation;
use roster_service::Roster;

pub(crate) fn configure(router: &mut Router<'_, '_>) {
    router.json(Resource::at("/audit").get(list, LIST));
}

const LIST: Endpoint =
    Endpoint::failing_with(&[Code::CursorInvalid, Code::Unavailable]).with_headers(&[Header::Link]);

/// Reads the audit log.
///
/// Newest first, page by page: send `next_cursor` as `cursor`, with the same filter, until `has_more` is false. Every
/// record from before the first page is returned once, even while new records arrive.
///
/// One request searches a limited part of the log. If few records match, a page can have fewer than `limit` records, or
/// none, and still not be the last. Files that an operator moved to an archive are not searched. Reading the log leaves
/// a line in the access log but no audit record.
///
/// The log has ids. With `users:read`, `actor` and `target` can also be usernames or email addresses of existing users,
/// and `include=names` adds usernames.
#[api_v2_operation(operation_id = "readAudit", tags(audit))]
async fn list(
    roster: Data<Roster>,
    caller: Authorized<AuditRead>,
    list: Params<PageRequest<AuditRequest>>,
) -> Result<Reply<AuditPageView>, Problem> {
    let (call, request) = (&caller.call, list.0.query());
    let query = roster.resolve_parties(call, request.query.clone(), &request.parties).await?;
    let page = roster.audit_records(call, &query).await?;
    let names = match request.include {
        Some(Include::Names) => Some(roster.names_in(call, &page.items).await?),
        None => None,
    };
    Ok(list.0.reply(page, |records, cursor| AuditPageView::new(records, names.as_ref(), cursor)))
}
