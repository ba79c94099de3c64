//! The audit log.

use super::json;
use crate::extract::{AuditRead, Authorized, Include, Params};
use crate::lists::{AuditRequest, PageRequest};
use crate::problem::Problem;
use crate::reply::Reply;
use crate::views::AuditPageView;
use actix_web::web::Data;
use paperclip::actix::{api_v2_operation, web};
use roster_service::Roster;

pub(super) fn configure(config: &mut web::ServiceConfig<'_>) {
    let audit = web::resource("/audit").route(web::get().to(list));
    config.service(json(audit, "GET, HEAD, OPTIONS"));
}

/// Reads the audit log.
///
/// Newest first, page by page: pass `next_cursor` as `cursor`, with the same filter, until `has_more` is false. What
/// was committed before the first page was asked for is seen once, whatever is added meanwhile.
///
/// How much of the log one request looks at is bounded: where few records match, a page may hold fewer than `limit`,
/// or none, and still have more to follow. Files that an operator has moved to an archive are not looked at. Reading
/// the log leaves a line in the access log, and no record.
///
/// The log holds ids. With `users:read` besides, `actor` and `target` may be usernames or email addresses of people who
/// are still here, and `include=names` adds usernames.
#[api_v2_operation(operation_id = "readAudit", tags(audit))]
async fn list(
    roster: Data<Roster>,
    caller: Authorized<AuditRead>,
    list: Params<PageRequest<AuditRequest>>,
) -> Result<Reply<AuditPageView>, Problem> {
    let (call, asked) = (&caller.call, list.0.query());
    let query = roster.resolve_parties(call, asked.query.clone(), &asked.parties).await?;
    let page = roster.audit_records(call, &query).await?;
    let names = match asked.include {
        Some(Include::Names) => Some(roster.names_in(call, &page.items).await?),
        None => None,
    };
    Ok(list.0.reply(page, |records, cursor| AuditPageView::new(records, names.as_ref(), cursor)))
}
