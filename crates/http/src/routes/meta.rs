//! The OpenAPI document and the metrics.

use super::{json, other};
use crate::extract::LazyCaller;
use crate::operations::{MetricsAccess, OpenApi, Operations};
use crate::problem::{Code, Problem};
use crate::verbatim::{Document, Text};
use actix_web::web::Data;
use paperclip::actix::{api_v2_operation, web};
use roster_domain::Permission;

pub(super) fn configure(config: &mut web::ServiceConfig<'_>) {
    let allow = "GET, HEAD, OPTIONS";
    config.service(json(web::resource("/openapi.json").route(web::get().to(openapi)), allow));
    config.service(other(web::resource("/metrics").route(web::get().to(metrics)), allow));
}

/// Gives this document.
///
/// OpenAPI 3.0.3, made from the code that serves it.
#[api_v2_operation(operation_id = "readOpenApi", tags(meta))]
async fn openapi(document: Data<OpenApi>) -> Result<Document, Problem> {
    Ok(Document(document.0.clone()))
}

/// Gives the metrics.
///
/// In the text format of Prometheus. Who may read them is a setting: anyone, bearers of `metrics:read`, or no one
/// (404).
#[api_v2_operation(operation_id = "readMetrics", tags(meta), produces = "text/plain")]
async fn metrics(operations: Data<Operations>, caller: LazyCaller) -> Result<Text, Problem> {
    match operations.metrics_access {
        MetricsAccess::Off => return Err(Code::NotFound.into()),
        MetricsAccess::Open => {}
        MetricsAccess::Bearer => caller.authorize(Permission::MetricsRead).await?,
    }
    let text =
        operations.metrics.metrics().map_err(|cause| Problem::new(Code::Internal).with_cause(cause))?;
    Ok(Text(text))
}
