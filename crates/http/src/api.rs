//! The whole API.

use crate::code::Code;
use crate::oauth;
use crate::problem::Problem;
use crate::router::{Registered, Router};
use crate::routes::{
    audit, auth, docs, exports, health, jobs, keys, meta, service_accounts, sessions, users,
};
use actix_web::HttpResponse;
use paperclip::actix::web::ServiceConfig;

/// Registers every endpoint, and returns them for the document.
pub(crate) fn register(config: &mut ServiceConfig<'_>) -> Vec<Registered> {
    let mut router = Router::new(config);
    // The router tries the paths in this order, so the most requested ones come first.
    // Before /users/{id}, which matches it too.
    exports::configure(&mut router);
    jobs::configure(&mut router);
    users::configure(&mut router);
    auth::configure(&mut router);
    oauth::configure(&mut router);
    sessions::configure(&mut router);
    service_accounts::configure(&mut router);
    audit::configure(&mut router);
    health::configure(&mut router);
    keys::configure(&mut router);
    meta::configure(&mut router);
    docs::configure(&mut router);
    router.into_registered()
}

/// Handles unknown paths.
pub(crate) async fn not_found() -> Result<HttpResponse, Problem> {
    Err(Code::NotFound.into())
}
