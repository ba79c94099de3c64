//! Whether the server is well.

use super::json;
use crate::operations::Operations;
use crate::problem::{Code, Problem};
use crate::reply::Reply;
use actix_web::web::Data;
use paperclip::actix::{Apiv2Schema, api_v2_operation, web};
use serde::Serialize;
use std::collections::BTreeMap;

pub(super) fn configure(config: &mut web::ServiceConfig<'_>) {
    let allow = "GET, HEAD, OPTIONS";
    config.service(json(web::resource("/health").route(web::get().to(health)), allow));
    config.service(json(web::resource("/health/live").route(web::get().to(live)), allow));
    config.service(json(web::resource("/health/ready").route(web::get().to(ready)), allow));
}

/// How the server is.
#[derive(Serialize, Apiv2Schema)]
#[openapi(
    rename = "Health",
    example = r#"{
    "status": "ok", "version": "0.1.0", "uptime_seconds": 3600, "checks": {"store": "ok", "keys": "ok"}
}"#
)]
pub(crate) struct HealthView {
    /// `ok`, or `degraded` if a check fails.
    status: &'static str,
    /// The version of Roster.
    version: &'static str,
    /// Whole seconds since the start.
    uptime_seconds: u64,
    /// Each part that is needed: `ok`, or `failed`.
    checks: BTreeMap<&'static str, &'static str>,
}

/// The process answers.
#[derive(Serialize, Apiv2Schema)]
#[openapi(rename = "Liveness", example = r#"{"status": "ok"}"#)]
pub(crate) struct LivenessView {
    /// Always `ok`.
    status: &'static str,
}

/// Tells how the server is.
///
/// For people and dashboards: it answers 200 even while a check fails, and says which.
#[api_v2_operation(operation_id = "readHealth", tags(health))]
async fn health(operations: Data<Operations>) -> Result<Reply<HealthView>, Problem> {
    Ok(Reply::new(view(&operations)))
}

/// Tells that the process is alive.
///
/// Looks at nothing else, so that a container is not restarted because its disk is full.
#[api_v2_operation(operation_id = "readLiveness", tags(health))]
async fn live() -> Result<Reply<LivenessView>, Problem> {
    Ok(Reply::new(LivenessView { status: "ok" }))
}

/// Tells whether requests should be sent here.
///
/// 200 while the store and the signing keys are usable, 503 if not.
#[api_v2_operation(operation_id = "readReadiness", tags(health))]
async fn ready(operations: Data<Operations>) -> Result<Reply<HealthView>, Problem> {
    let view = view(&operations);
    let failed: Vec<_> =
        view.checks.iter().filter(|(_, state)| **state != "ok").map(|(name, _)| *name).collect();
    if failed.is_empty() {
        return Ok(Reply::new(view));
    }
    let detail = format!("not usable: {}", failed.join(", "));
    Err(Problem::new(Code::Unavailable).with_detail(detail).with_retry_after(5))
}

fn view(operations: &Operations) -> HealthView {
    let word = |well: bool| if well { "ok" } else { "failed" };
    let checks: BTreeMap<_, _> =
        operations.health.checks().into_iter().map(|check| (check.name, word(check.well))).collect();
    let status = if checks.values().all(|state| *state == "ok") { "ok" } else { "degraded" };
    HealthView { status, version: operations.version, uptime_seconds: operations.uptime().as_secs(), checks }
}
