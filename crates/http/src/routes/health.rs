//! The state of the server.

use crate::code::Code;
use crate::live::Live;
use crate::openapi::endpoint::Endpoint;
use crate::operations::Operations;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::router::{Resource, Router};
use actix_web::web::Data;
use paperclip::actix::{Apiv2Schema, api_v2_operation};
use serde::Serialize;
use std::collections::BTreeMap;

pub(crate) fn configure(router: &mut Router<'_, '_>) {
    router.json(Resource::at("/health").get(health, HEALTH));
    router.json(Resource::at("/health/live").get(live, LIVE));
    router.json(Resource::at("/health/ready").get(ready, READY));
}

/// The state of the server.
#[derive(Serialize, Apiv2Schema)]
#[openapi(
    rename = "Health",
    example = r#"{
    "status": "ok", "version": "0.1.0", "uptime_seconds": 3600, "checks": {"store": "ok", "keys": "ok", "hashing": "ok"}
}"#
)]
pub(crate) struct HealthView {
    /// Always `ok`: if a check fails, the response is a problem with status 503.
    status: &'static str,
    /// The version of Roster.
    version: &'static str,
    /// Whole seconds since the start.
    uptime_seconds: u64,
    /// Each required part: `ok`.
    checks: BTreeMap<&'static str, &'static str>,
}

/// The process is alive.
#[derive(Serialize, Apiv2Schema)]
#[openapi(rename = "Liveness", example = r#"{"status": "ok"}"#)]
pub(crate) struct LivenessView {
    /// Always `ok`.
    status: &'static str,
}

const HEALTH: Endpoint = Endpoint::failing_with(&[Code::Unavailable]);

/// Returns the state of the server.
///
/// For monitoring: 200 while the store accepts writes, a key can sign access tokens and passwords can be hashed;
/// otherwise 503 with the names of the failed checks.
#[api_v2_operation(operation_id = "readHealth", tags(health))]
async fn health(operations: Data<Operations>) -> Result<Reply<HealthView>, Problem> {
    view(&operations).map(Reply::new)
}

const LIVE: Endpoint = Endpoint::failing_with(&[]);

/// Tells whether the process is alive.
///
/// Checks nothing else, so that a full disk does not restart a container.
#[api_v2_operation(operation_id = "readLiveness", tags(health))]
async fn live() -> Result<Reply<LivenessView>, Problem> {
    Ok(Reply::new(LivenessView { status: "ok" }))
}

const READY: Endpoint = Endpoint::failing_with(&[Code::Unavailable]);

/// Tells whether the server should receive requests.
///
/// Like `/health`, and also 503 once the server has been told to stop.
#[api_v2_operation(operation_id = "readReadiness", tags(health))]
async fn ready(operations: Data<Operations>, live: Data<Live>) -> Result<Reply<HealthView>, Problem> {
    if live.is_draining() {
        return Err(unavailable("the server is about to stop"));
    }
    view(&operations).map(Reply::new)
}

fn view(operations: &Operations) -> Result<HealthView, Problem> {
    let checks = operations.health.checks();
    let failed: Vec<_> = checks.iter().filter(|check| !check.healthy).map(|check| check.name).collect();
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
