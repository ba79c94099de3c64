//! The server: settings, the stack of layers, the sockets.

use crate::extract::{BodyBounds, IfMatchRule, PublicUrl};
use crate::live::Live;
use crate::middleware::{Changing, CorsPlan, Edge, RequestIds, SpanPlan, TrustedProxies};
use crate::operations::{OpenApi, Operations};
use crate::sockets::Sockets;
use crate::{openapi_document, routes};
use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::web::{self, Data};
use actix_web::{App, Error, HttpServer};
use paperclip::actix::OpenApiExt;
use roster_service::Roster;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// How the server listens and how long it waits.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Threads that serve requests; `None` is one for each core.
    pub workers: Option<usize>,
    /// Connections open at once, for each worker. Further ones wait to be accepted.
    pub max_connections: usize,
    /// How long an idle connection is kept.
    pub keep_alive: Duration,
    /// How long a client may take to send a request's head.
    pub head_timeout: Duration,
    /// How long a client may take to send a request's body.
    pub body_timeout: Duration,
    /// The most bytes that a request's body may have.
    pub body_limit: usize,
    /// Whether a change of a user or a service account needs an `If-Match`.
    pub require_if_match: bool,
    /// How long requests may take to finish once the server stops.
    pub shutdown_timeout: Duration,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: TrustedProxies,
    /// The origins whose pages may call the API; `*` is any. Empty: CORS is off.
    pub cors_origins: Vec<String>,
    /// The request headers that these pages may send besides those that the API reads; `*` is any.
    pub cors_headers: Vec<String>,
    /// Where clients see the server, without a slash at the end; `None` is where they ask.
    pub public_url: Option<String>,
    /// A random number that tells this process's request ids from those of others.
    pub process: u64,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            workers: None,
            max_connections: 10_000,
            keep_alive: Duration::from_secs(75),
            head_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(20),
            body_limit: 64 * 1024,
            require_if_match: false,
            shutdown_timeout: Duration::from_secs(15),
            trusted_proxies: TrustedProxies::default(),
            cors_origins: Vec::new(),
            cors_headers: Vec::new(),
            public_url: None,
            process: 0,
        }
    }
}

/// A server that listens, and is not awaited yet.
pub struct BoundServer {
    /// Answers once it is awaited.
    pub server: Server,
    /// Where it listens.
    pub addresses: Vec<SocketAddr>,
    /// Changes it while it runs.
    pub live: Arc<Live>,
}

/// Gives back the server, not yet running, with the addresses it has.
///
/// It listens from here on; it answers once the server is awaited. Signals are the caller's business.
///
/// # Errors
/// If somebody else listens on an address by now.
pub fn server(
    sockets: Sockets,
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
    let frame = Frame {
        edge,
        live: Data::from(Arc::clone(&live)),
        body_bounds: BodyBounds { limit: settings.body_limit, timeout: settings.body_timeout },
        if_match: IfMatchRule::of(settings.require_if_match),
        public_url: Data::new(PublicUrl(settings.public_url.clone())),
        operations: Data::new(operations),
        document: Data::new(OpenApi(openapi_document())),
    };
    let roster = Data::from(roster);
    let mut server = HttpServer::new(move || app(&frame).app_data(roster.clone()))
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

/// What every request needs whatever it is for.
#[derive(Clone)]
pub(crate) struct Frame {
    pub(crate) edge: Edge,
    pub(crate) live: Data<Live>,
    pub(crate) body_bounds: BodyBounds,
    pub(crate) if_match: IfMatchRule,
    pub(crate) public_url: Data<PublicUrl>,
    pub(crate) operations: Data<Operations>,
    pub(crate) document: Data<OpenApi>,
}

/// The layers and the routes; the layer that is added last is the outermost.
pub(crate) fn app(
    frame: &Frame,
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
        .wrap(Changing(CorsPlan(Arc::clone(&frame.live))))
        .wrap(Changing(SpanPlan))
        .wrap(frame.edge.clone())
        .app_data(frame.live.clone())
        .app_data(frame.operations.clone())
        .app_data(frame.document.clone())
        .app_data(frame.body_bounds)
        .app_data(frame.if_match)
        .app_data(frame.public_url.clone())
        .wrap_api()
        .configure(routes::documented)
        .build()
        .default_service(web::to(routes::not_found))
}
