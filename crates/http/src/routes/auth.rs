//! Logging in.

use super::json;
use crate::bodies::CredentialsBody;
use crate::extract::BodyOrForm;
use crate::middleware::RequestContext;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::views::LoginView;
use actix_web::web::Data;
use paperclip::actix::{api_v2_operation, web};
use roster_domain::Principal;
use roster_service::{Call, Roster};

pub(super) fn configure(config: &mut web::ServiceConfig<'_>) {
    config.service(json(web::resource("/auth/login").route(web::post().to(log_in)), "POST, OPTIONS"));
}

/// Logs in.
///
/// Takes a username or an email address and the password, as JSON or as the password form of OAuth 2.0, and gives an
/// access token. A wrong name and a wrong password are answered alike, after the same time.
#[api_v2_operation(operation_id = "logIn", tags(auth))]
async fn log_in(
    roster: Data<Roster>,
    context: RequestContext,
    body: BodyOrForm<CredentialsBody>,
) -> Result<Reply<LoginView>, Problem> {
    let call = Call { principal: Principal::anonymous(), origin: context.origin() };
    let (login, password) = body.0.into_parts();
    let logged_in = roster.log_in(&call, &login, password).await?;
    Ok(Reply::new(LoginView::new(logged_in)))
}
