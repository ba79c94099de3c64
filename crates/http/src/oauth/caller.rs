//! Who calls an OAuth endpoint.

use crate::code::Code;
use crate::extract::{MaybeAuthenticated, secured};
use crate::openapi::errors::add_errors;
use crate::problem::Problem;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use paperclip::actix::OperationModifier;
use paperclip::v2::models::DefaultOperationRaw;
use paperclip::v2::schema::Apiv2Schema;
use roster_service::Call;

/// A [`MaybeAuthenticated`] caller. A user who must replace a temporary password lacks the scope, since OAuth has no
/// other error for it.
pub(super) struct OAuthCaller(pub(super) Call);

impl FromRequest for OAuthCaller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = MaybeAuthenticated::from_request(request, payload);
        Box::pin(async move {
            match caller.await {
                Ok(MaybeAuthenticated(call)) => Ok(Self(call)),
                Err(problem) if problem.code() == Code::PasswordChangeRequired => {
                    Err(Problem::new(Code::PermissionDenied)
                        .with_detail(Code::PasswordChangeRequired.detail()))
                }
                Err(problem) => Err(problem),
            }
        })
    }
}

impl Apiv2Schema for OAuthCaller {}

impl OperationModifier for OAuthCaller {
    fn update_security(operation: &mut DefaultOperationRaw) {
        secured(operation, &[]);
        add_errors(operation, &[Code::AuthenticationRequired, Code::PermissionDenied]);
    }
}
