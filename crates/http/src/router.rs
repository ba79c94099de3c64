//! Registers endpoints: the path, the handler, and what the document says about it, together.

use crate::code::Code;
use crate::middleware::{json_only, shield};
use crate::openapi::endpoint::Endpoint;
use crate::problem::Problem;
use actix_web::body::BoxBody;
use actix_web::dev::{HttpServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::{Next, from_fn};
use actix_web::{Error, FromRequest, Handler, HttpRequest, HttpResponse, Responder};
use paperclip::actix::Mountable;
use paperclip::actix::web::{self, Route, ServiceConfig};
use paperclip::v2::schema::Apiv2Operation;

/// Registers resources. It hides actix's configuration, so that every route has an [`Endpoint`].
pub(crate) struct Router<'a, 'c> {
    config: &'a mut ServiceConfig<'c>,
    registered: Vec<Registered>,
}

/// An endpoint at its place.
pub(crate) struct Registered {
    /// The pattern of the path.
    pub(crate) path: String,
    pub(crate) method: Method,
    pub(crate) endpoint: Endpoint,
}

/// A path and its endpoints.
pub(crate) struct Resource {
    path: String,
    inner: web::Resource,
    endpoints: Vec<(Method, Endpoint)>,
}

/// A handler that paperclip describes: one with the attribute `api_v2_operation`.
pub(crate) trait Operation<Args>:
    Handler<Args, Output: Responder + 'static, Future: Apiv2Operation>
{
}

impl<F, Args> Operation<Args> for F where F: Handler<Args, Output: Responder + 'static, Future: Apiv2Operation>
{}

impl<'a, 'c> Router<'a, 'c> {
    pub(crate) const fn new(config: &'a mut ServiceConfig<'c>) -> Self {
        Self { config, registered: Vec::new() }
    }

    /// Adds a resource that responds with JSON.
    pub(crate) fn json(&mut self, resource: Resource) {
        let resource = self.register(resource).wrap(from_fn(json_only));
        self.mount(resource);
    }

    /// Adds a resource that responds with JSON, inside another layer.
    pub(crate) fn json_inside<F, R>(&mut self, layer: F, resource: Resource)
    where
        F: Fn(ServiceRequest, Next<BoxBody>) -> R + 'static,
        R: Future<Output = Result<ServiceResponse<BoxBody>, Error>> + 'static,
    {
        let resource = self.register(resource).wrap(from_fn(json_only)).wrap(from_fn(layer));
        self.mount(resource);
    }

    /// Adds a resource that responds with something other than JSON.
    pub(crate) fn other(&mut self, resource: Resource) {
        let resource = self.register(resource).wrap(from_fn(shield));
        self.mount(resource);
    }

    /// Everything that was added.
    pub(crate) fn into_registered(self) -> Vec<Registered> {
        self.registered
    }

    fn register(&mut self, resource: Resource) -> web::Resource {
        let Resource { path, inner, endpoints } = resource;
        let allowed = allowed(endpoints.iter().map(|(method, _)| method));
        let registered = endpoints.into_iter().map(|(method, endpoint)| {
            let path = path.clone();
            Registered { path, method, endpoint }
        });
        self.registered.extend(registered);
        reject_other_methods(inner, allowed)
    }

    fn mount(&mut self, resource: impl Mountable + HttpServiceFactory + 'static) {
        self.config.service(resource);
    }
}

impl Resource {
    /// A resource at this path, without endpoints yet.
    pub(crate) fn at(path: &str) -> Self {
        Self { path: path.to_owned(), inner: web::resource(path), endpoints: Vec::new() }
    }

    pub(crate) fn get<F: Operation<A>, A: FromRequest + 'static>(
        self,
        handler: F,
        endpoint: Endpoint,
    ) -> Self {
        self.route(Method::GET, web::get().to(handler), endpoint)
    }

    pub(crate) fn post<F: Operation<A>, A: FromRequest + 'static>(
        self,
        handler: F,
        endpoint: Endpoint,
    ) -> Self {
        self.route(Method::POST, web::post().to(handler), endpoint)
    }

    pub(crate) fn put<F: Operation<A>, A: FromRequest + 'static>(
        self,
        handler: F,
        endpoint: Endpoint,
    ) -> Self {
        self.route(Method::PUT, web::put().to(handler), endpoint)
    }

    pub(crate) fn patch<F: Operation<A>, A: FromRequest + 'static>(
        self,
        handler: F,
        endpoint: Endpoint,
    ) -> Self {
        self.route(Method::PATCH, web::patch().to(handler), endpoint)
    }

    pub(crate) fn delete<F: Operation<A>, A: FromRequest + 'static>(
        self,
        handler: F,
        endpoint: Endpoint,
    ) -> Self {
        self.route(Method::DELETE, web::delete().to(handler), endpoint)
    }

    fn route(mut self, method: Method, route: Route, endpoint: Endpoint) -> Self {
        self.endpoints.push((method, endpoint));
        Self { inner: self.inner.route(route), ..self }
    }
}

/// The value of `Allow` for a resource with these methods. `HEAD` is handled as `GET`.
fn allowed<'m>(methods: impl Iterator<Item = &'m Method>) -> String {
    let names = methods.map(|method| if method == Method::GET { "GET, HEAD" } else { method.as_str() });
    names.chain(["OPTIONS"]).collect::<Vec<_>>().join(", ")
}

/// Handles the methods that a resource does not have (RFC 9110, sections 9.3.7 and 15.5.6).
fn reject_other_methods(resource: web::Resource, allowed: String) -> web::Resource {
    resource.default_service(actix_web::web::to(move |request: HttpRequest| {
        let allowed = allowed.clone();
        async move {
            let allow = HeaderValue::try_from(&allowed).map_err(|_| Code::Internal)?;
            if request.method() == Method::OPTIONS {
                return Ok(HttpResponse::NoContent().insert_header((header::ALLOW, allow)).finish());
            }
            let detail = format!("{} is not allowed here. Allowed are {allowed}.", request.method());
            Err(Problem::new(Code::MethodNotAllowed).with_detail(detail).with_header(header::ALLOW, allow))
        }
    }))
}
