//! The front door, the OpenAPI document and the metrics.

use super::{json, other};
use crate::extract::{LazyCaller, PublicUrl};
use crate::operations::{MetricsAccess, OpenApi, Operations};
use crate::problem::{Code, Problem};
use crate::reply::Reply;
use crate::verbatim::{Document, Text};
use actix_web::web::Data;
use paperclip::actix::{Apiv2Schema, api_v2_operation, web};
use roster_domain::Permission;
use serde::Serialize;

pub(super) fn configure(config: &mut web::ServiceConfig<'_>) {
    let allow = "GET, HEAD, OPTIONS";
    config.service(json(web::resource("/").route(web::get().to(front)), allow));
    config.service(json(web::resource("/openapi.json").route(web::get().to(openapi)), allow));
    config.service(other(web::resource("/metrics").route(web::get().to(metrics)), allow));
}

/// What is here, and where to go on.
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
    /// The API as a page, for people.
    docs: String,
    /// The API as a document, for programs.
    openapi: String,
    /// How the server is.
    health: String,
}

/// Tells what is here.
///
/// And where to go on: with whole URLs where `server.public_url` is set, else with paths.
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
