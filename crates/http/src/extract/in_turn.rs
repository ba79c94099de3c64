//! The order of extractors. actix polls the extractors of a handler side by side, so while a store looks up the caller, a
//! later extractor could fail first: a request without a permission would be told what is wrong with its query. The
//! extractors after the caller's wait for it.

use crate::problem::Problem;
use actix_web::{HttpMessage, HttpRequest};
use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, Ready, Shared, ready};
use std::future::Future;
use tokio::sync::oneshot;

/// What the extractor of a caller returns.
pub(crate) type FirstInTurn<T> =
    Either<Ready<Result<T, Problem>>, LocalBoxFuture<'static, Result<T, Problem>>>;

/// What a later extractor returns.
pub(crate) type InTurn<F> = Either<F, LocalBoxFuture<'static, <F as Future>::Output>>;

/// Ends when the caller is known.
#[derive(Clone)]
struct CallerKnown(Shared<oneshot::Receiver<()>>);

/// Runs the extractor of the caller. If it has to wait, later extractors do.
pub(super) fn first_in_turn<T: 'static>(
    request: &HttpRequest,
    mut extraction: LocalBoxFuture<'static, Result<T, Problem>>,
) -> FirstInTurn<T> {
    if let Some(outcome) = (&mut extraction).now_or_never() {
        return Either::Left(ready(outcome));
    }
    let (known, waiting) = oneshot::channel::<()>();
    request.extensions_mut().insert(CallerKnown(waiting.shared()));
    Either::Right(Box::pin(async move {
        let outcome = extraction.await;
        drop(known);
        outcome
    }))
}

/// Runs an extractor once the caller is known, or at once if the handler has not asked for the caller.
pub(crate) fn in_turn<F: Future + 'static>(request: &HttpRequest, extraction: F) -> InTurn<F> {
    let known = request.extensions().get::<CallerKnown>().cloned();
    match known {
        None => Either::Left(extraction),
        Some(CallerKnown(known)) => Either::Right(Box::pin(async move {
            // The sender is dropped, and nothing is sent.
            let _ = known.await;
            extraction.await
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;
    use actix_web::test::TestRequest;
    use futures_util::future::{join, pending};

    #[actix_web::test]
    async fn a_later_extractor_waits_for_the_caller() {
        let request = TestRequest::default().to_http_request();
        let (known, lookup) = oneshot::channel::<()>();
        let caller =
            first_in_turn(&request, Box::pin(async { lookup.await.map_err(|_| Code::Internal.into()) }));
        let mut later = in_turn(&request, ready(()));
        assert!((&mut later).now_or_never().is_none());
        known.send(()).unwrap();
        let (caller, ()) = join(caller, later).await;
        assert!(caller.is_ok());
    }

    #[actix_web::test]
    async fn an_extractor_without_a_caller_before_it_runs_at_once() {
        let request = TestRequest::default().to_http_request();
        assert!(in_turn(&request, ready(())).now_or_never().is_some());
        let ready_caller = first_in_turn(&request, Box::pin(async { Ok(()) }));
        assert!(in_turn(&request, ready(())).now_or_never().is_some());
        assert!(ready_caller.now_or_never().is_some());
        let _waiting = first_in_turn::<()>(&request, Box::pin(pending()));
        assert!(in_turn(&request, ready(())).now_or_never().is_none());
    }
}
