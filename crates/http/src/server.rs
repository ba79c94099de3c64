//! The server: its layers, its state, its sockets.

use crate::api;
use crate::document::openapi_document;
use crate::extract::{BodyBounds, IfMatchRule, PublicUrl, UploadBounds};
use crate::live::Live;
use crate::middleware::{CorsPlan, Edge, ReplaceableLayer, RequestIds, SpanPlan};
use crate::operations::{OpenApi, Operations};
use crate::rendered::RenderedUsers;
use crate::settings::HttpSettings;
use crate::sockets::Sockets;
use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::web::{self, Data};
use actix_web::{App, Error, HttpServer};
use paperclip::actix::OpenApiExt;
use roster_service::Roster;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

/// A server that listens, but does not serve requests yet.
pub struct BoundServer {
    /// Serves requests once it is awaited.
    pub server: Server,
    /// The addresses it listens on.
    pub addresses: Vec<SocketAddr>,
    /// Changes settings while it runs.
    pub live: Arc<Live>,
}

/// Creates the server and listens on `sockets`.
///
/// Connections are accepted from now on, and served once the server is awaited. Signals are left to the caller.
///
/// # Errors
/// If another process listens on an address by now.
pub fn server(
    sockets: &Sockets,
    roster: Arc<Roster>,
    operations: Operations,
    settings: &HttpSettings,
) -> io::Result<BoundServer> {
    let live = Arc::new(Live::new(settings));
    let edge = Edge {
        ids: Arc::new(RequestIds::new(settings.process)),
        live: Arc::clone(&live),
        observer: Arc::clone(&operations.observer),
    };
    let state = AppState {
        edge,
        live: Data::from(Arc::clone(&live)),
        body_bounds: BodyBounds { limit: settings.body_limit, timeout: settings.body_timeout },
        upload_bounds: UploadBounds { limit: settings.import_limit, pause: settings.body_timeout },
        if_match: IfMatchRule::of(settings.require_if_match),
        public_url: Data::new(PublicUrl(settings.public_url.clone())),
        rendered: Data::new(RenderedUsers::new()),
        operations: Data::new(operations),
        document: Data::new(OpenApi(openapi_document())),
    };
    let roster = Data::from(roster);
    let mut server = HttpServer::new(move || app(&state).app_data(roster.clone()))
        .max_connections(settings.max_connections)
        .keep_alive(settings.keep_alive)
        .client_request_timeout(settings.head_timeout)
        .shutdown_timeout(settings.shutdown_timeout.as_secs())
        .disable_signals();
    if let Some(workers) = settings.workers {
        server = server.workers(workers);
    }
    let server = sockets.listen()?.into_iter().try_fold(server, HttpServer::listen)?;
    let addresses = server.addrs();
    Ok(BoundServer { server: server.run(), addresses, live })
}

/// The state that every request needs.
#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) edge: Edge,
    pub(crate) live: Data<Live>,
    pub(crate) body_bounds: BodyBounds,
    pub(crate) upload_bounds: UploadBounds,
    pub(crate) if_match: IfMatchRule,
    pub(crate) public_url: Data<PublicUrl>,
    pub(crate) rendered: Data<RenderedUsers>,
    pub(crate) operations: Data<Operations>,
    pub(crate) document: Data<OpenApi>,
}

/// The layers and the routes. The layer that is added last is the outermost.
pub(crate) fn app(
    state: &AppState,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = Error,
        InitError = (),
    > + use<>,
> {
    App::new()
        .wrap(ReplaceableLayer(CorsPlan(Arc::clone(&state.live))))
        .wrap(ReplaceableLayer(SpanPlan))
        .wrap(state.edge.clone())
        .app_data(state.live.clone())
        .app_data(state.operations.clone())
        .app_data(state.document.clone())
        .app_data(state.body_bounds)
        .app_data(state.upload_bounds)
        .app_data(state.if_match)
        .app_data(state.public_url.clone())
        .app_data(state.rendered.clone())
        .wrap_api()
        .configure(|config| drop(api::register(config)))
        .build()
        .default_service(web::to(api::not_found))
}
