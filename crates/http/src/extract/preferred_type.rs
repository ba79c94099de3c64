//! The media type that a client prefers.

use super::in_turn::{InTurn, in_turn};
use crate::accepted::weight;
use crate::code::Code;
use crate::openapi::schema::undocumented;
use crate::problem::Problem;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};

/// The media type that a client prefers, by its `Accept` header.
pub(crate) struct PreferredType(HttpRequest);

impl PreferredType {
    /// The choice whose type the client prefers; of several, the first.
    ///
    /// # Errors
    /// [`Code::NotAcceptable`], if it accepts none of them.
    pub(crate) fn among<T: Copy>(
        &self,
        choices: &[T],
        media_type: impl Fn(T) -> &'static str,
    ) -> Result<T, Problem> {
        let weighed = choices.iter().map(|choice| (*choice, weight(self.0.headers(), media_type(*choice))));
        let best = weighed
            .filter(|(_, weight)| *weight > 0.0)
            .reduce(|best, next| if next.1 > best.1 { next } else { best });
        best.map(|(choice, _)| choice).ok_or_else(|| {
            let types: Vec<_> = choices.iter().map(|choice| media_type(*choice)).collect();
            let detail = format!(
                "Available are {}. Add one of them to `Accept`, or omit the header.",
                types.join(", ")
            );
            Problem::new(Code::NotAcceptable).with_detail(detail)
        })
    }
}

impl FromRequest for PreferredType {
    type Error = Problem;
    type Future = InTurn<Ready<Result<Self, Problem>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        in_turn(request, ready(Ok(Self(request.clone()))))
    }
}

undocumented!(PreferredType);
