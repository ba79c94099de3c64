//! The front page, the OpenAPI document and the metrics.

use crate::code::Code;
use crate::extract::{LazyCaller, PublicUrl};
use crate::openapi::endpoint::{Endpoint, Security};
use crate::operations::{MetricsAccess, OpenApi, Operations};
use crate::problem::Problem;
use crate::reply::Reply;
use crate::router::{Resource, Router};
use crate::verbatim::{Document, NO_CACHE, Text};
use actix_web::web::Data;
use paperclip::actix::{Apiv2Schema, api_v2_operation};
use roster_domain::Permission;
use serde::Serialize;

pub(crate) fn configure(router: &mut Router<'_, '_>) {
    router.json(Resource::at("/").get(front, FRONT));
    router.json(Resource::at("/openapi.json").get(openapi, OPENAPI));
    router.other(Resource::at("/metrics").get(metrics, METRICS));
}

/// Links to the rest of the API.
#[derive(Serialize, Apiv2Schema)]
#[openapi(
    rename = "Front",
    example = r#"{
    "name": "roster", "version": "0.1.0", "docs": "/docs", "openapi": "/openapi.json", "health": "/health"
}"#
)]
pub(crate) struct FrontView {
    /// Always `roster`.
    name: &'static str,
    /// The version of Roster.
    version: &'static str,
    /// The documentation of the API, for people.
    docs: String,
    /// The OpenAPI document, for programs.
    openapi: String,
    /// The state of the server.
    health: String,
}

const FRONT: Endpoint = Endpoint::failing_with(&[]);

/// Links to the rest of the API.
///
/// With full URLs if `server.public_url` is set, otherwise with paths.
#[api_v2_operation(operation_id = "readFront", tags(meta))]
async fn front(operations: Data<Operations>, public: Data<PublicUrl>) -> Result<Reply<FrontView>, Problem> {
    let at = |path: &str| format!("{}{path}", public.0.as_deref().unwrap_or_default());
    Ok(Reply::new(FrontView {
        name: "roster",
        version: operations.version,
        docs: at("/docs"),
        openapi: at("/openapi.json"),
        health: at("/health"),
    }))
}

const OPENAPI: Endpoint = Endpoint::failing_with(&[]).with_cache_control(NO_CACHE);

/// Returns this document.
///
/// OpenAPI 3.0.3, generated from the code that serves it.
#[api_v2_operation(operation_id = "readOpenApi", tags(meta))]
async fn openapi(document: Data<OpenApi>) -> Result<Document, Problem> {
    Ok(Document(document.0.clone()))
}

const METRICS: Endpoint =
    Endpoint::failing_with(&[Code::PermissionDenied, Code::NotFound]).with_security(Security::Optional);

/// Returns the metrics.
///
/// In the text format of Prometheus. The setting `metrics.access` decides who may read them: anyone, callers with
/// `metrics:read`, or nobody (404).
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
