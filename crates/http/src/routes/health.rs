//! Whether the server is well.

use super::json;
use crate::live::Live;
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
    "status": "ok", "version": "0.1.0", "uptime_seconds": 3600, "checks": {"store": "ok", "keys": "ok", "hashing": "ok"}
}"#
)]
pub(crate) struct HealthView {
    /// Always `ok`: if a check fails, the answer is a problem with status 503.
    status: &'static str,
    /// The version of Roster.
    version: &'static str,
    /// Whole seconds since the start.
    uptime_seconds: u64,
    /// Each part that is needed: `ok`.
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
/// For monitoring: 200 while the store takes writes, a key signs access tokens and passwords can be hashed; 503 with the
/// names of the checks that fail if not.
#[api_v2_operation(operation_id = "readHealth", tags(health))]
async fn health(operations: Data<Operations>) -> Result<Reply<HealthView>, Problem> {
    view(&operations).map(Reply::new)
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
/// As `/health`, and 503 too once the server has been asked to stop.
#[api_v2_operation(operation_id = "readReadiness", tags(health))]
async fn ready(operations: Data<Operations>, live: Data<Live>) -> Result<Reply<HealthView>, Problem> {
    if live.is_draining() {
        return Err(unavailable("the server is about to stop"));
    }
    view(&operations).map(Reply::new)
}

fn view(operations: &Operations) -> Result<HealthView, Problem> {
    let checks = operations.health.checks();
    let failed: Vec<_> = checks.iter().filter(|check| !check.well).map(|check| check.name).collect();
    if !failed.is_empty() {
        return Err(unavailable(&format!("not usable: {}", failed.join(", "))));
    }
    Ok(HealthView {
        status: "ok",
        version: operations.version,
        uptime_seconds: operations.uptime().as_secs(),
        checks: checks.into_iter().map(|check| (check.name, "ok")).collect(),
    })
}

fn unavailable(detail: &str) -> Problem {
    Problem::new(Code::Unavailable).with_detail(detail.to_owned()).with_retry_after(5)
}
