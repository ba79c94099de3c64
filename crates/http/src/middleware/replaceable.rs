//! A layer that can be replaced, added and removed while the server runs.

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use futures_util::future::{Either, MapOk, Ready, ready};
use futures_util::{FutureExt, TryFutureExt};
use std::cell::RefCell;
use std::rc::Rc;

/// Decides which layer requests pass through.
pub(crate) trait LayerPlan: Clone {
    /// The layer.
    type Layer;

    /// A number that changes whenever [`layer`](Self::layer) may return something else. Called for each request.
    fn version(&self) -> u64;

    /// The layer, or `None` to leave it out.
    fn layer(&self) -> Option<Self::Layer>;
}

/// Passes requests through the layer of a [`LayerPlan`].
#[derive(Clone)]
pub(crate) struct ReplaceableLayer<P>(pub(crate) P);

pub(crate) struct ReplaceableService<S, P, L> {
    inner: Rc<S>,
    plan: P,
    current: RefCell<Current<L>>,
}

struct Current<L> {
    version: u64,
    layer: Option<Rc<L>>,
}

type Layered<S, P> = <<P as LayerPlan>::Layer as Transform<Rc<S>, ServiceRequest>>::Transform;

impl<S, P, B, W> Transform<S, ServiceRequest> for ReplaceableLayer<P>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    P: LayerPlan,
    P::Layer: Transform<Rc<S>, ServiceRequest, Response = ServiceResponse<W>, Error = Error, InitError = ()>,
    B: MessageBody,
    W: MessageBody,
{
    type Response = ServiceResponse<EitherBody<W, B>>;
    type Error = Error;
    type Transform = ReplaceableService<S, P, Layered<S, P>>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        let (inner, plan) = (Rc::new(inner), self.0.clone());
        let current = Current { version: plan.version(), layer: make_layer(&plan, &inner) };
        ready(Ok(ReplaceableService { inner, plan, current: RefCell::new(current) }))
    }
}

/// Wraps `inner` in the plan's layer.
fn make_layer<S, P>(plan: &P, inner: &Rc<S>) -> Option<Rc<Layered<S, P>>>
where
    P: LayerPlan,
    P::Layer: Transform<Rc<S>, ServiceRequest, InitError = ()>,
    S: Service<ServiceRequest>,
{
    let made = plan.layer()?.new_transform(Rc::clone(inner)).now_or_never();
    if let Some(Ok(layer)) = made {
        return Some(Rc::new(layer));
    }
    tracing::error!("a layer of the server could not be created; requests skip it");
    None
}

type Body<W, B> = ServiceResponse<EitherBody<W, B>>;
type Wrapped<F, T, W, B> = MapOk<F, fn(ServiceResponse<T>) -> Body<W, B>>;

impl<S, P, B, W> Service<ServiceRequest> for ReplaceableService<S, P, Layered<S, P>>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    P: LayerPlan,
    P::Layer: Transform<Rc<S>, ServiceRequest, Response = ServiceResponse<W>, Error = Error, InitError = ()>,
    B: MessageBody,
    W: MessageBody,
{
    type Response = Body<W, B>;
    type Error = Error;
    type Future = Either<
        Wrapped<<Layered<S, P> as Service<ServiceRequest>>::Future, W, W, B>,
        Wrapped<S::Future, B, W, B>,
    >;

    forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        match self.layer() {
            Some(layer) => Either::Left(layer.call(request).map_ok(ServiceResponse::map_into_left_body)),
            None => Either::Right(self.inner.call(request).map_ok(ServiceResponse::map_into_right_body)),
        }
    }
}

impl<S, P> ReplaceableService<S, P, Layered<S, P>>
where
    S: Service<ServiceRequest>,
    P: LayerPlan,
    P::Layer: Transform<Rc<S>, ServiceRequest, InitError = ()>,
{
    /// The current layer. Each worker has its own.
    fn layer(&self) -> Option<Rc<Layered<S, P>>> {
        let mut current = self.current.borrow_mut();
        let version = self.plan.version();
        if current.version != version {
            *current = Current { version, layer: make_layer(&self.plan, &self.inner) };
        }
        current.layer.clone()
    }
}
