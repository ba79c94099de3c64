//! The context of a request, and its caller.

use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::{HttpMessage, HttpRequest};
use arrayvec::ArrayString;
use roster_domain::{Actor, ApiKeyId, Origin, Principal, RequestId};
use std::cell::Cell;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// The header with a request's id, in requests and responses.
pub(crate) const REQUEST_ID: &str = "x-request-id";

/// The id, origin and start of a request.
#[derive(Clone, Debug)]
pub(crate) struct RequestContext(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Appears in the response, the log and the audit log.
    id: RequestId,
    /// The client's address, behind trusted proxies.
    client: Option<IpAddr>,
    /// The method of the request. `HEAD` is routed as `GET`.
    method: Method,
    started: Instant,
    /// For the access log, once it is known.
    caller: Cell<Option<Caller>>,
}

impl RequestContext {
    pub(crate) fn new(request: &ServiceRequest, client: Option<IpAddr>, ids: &RequestIds) -> Self {
        let sent = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
        let id = sent.and_then(|text| RequestId::new(text).ok()).unwrap_or_else(|| ids.make());
        let (method, started) = (request.method().clone(), Instant::now());
        Self(Rc::new(Inner { id, client, method, started, caller: Cell::new(None) }))
    }

    /// The request's id.
    pub(crate) fn id(&self) -> &str {
        self.0.id.as_str()
    }

    /// The client's address.
    pub(crate) fn client(&self) -> Option<IpAddr> {
        self.0.client
    }

    /// The method before `HEAD` became `GET`.
    pub(crate) fn method(&self) -> &Method {
        &self.0.method
    }

    /// When the request's head was received.
    pub(crate) fn started(&self) -> Instant {
        self.0.started
    }

    /// Who sent the request, if they authenticated.
    pub(crate) fn caller(&self) -> Option<Caller> {
        self.0.caller.get()
    }

    /// The part that the audit log keeps.
    pub(crate) fn origin(&self) -> Origin {
        Origin { ip: self.0.client, request_id: Some(self.0.id.clone()), ..Origin::default() }
    }
}

/// A short text for the access log, without an allocation.
pub(crate) type Label = ArrayString<45>;

/// An address for the access log.
pub(crate) fn address_label(address: IpAddr) -> Label {
    let mut label = Label::new();
    match address {
        // The common case; `Display` is slow for it.
        IpAddr::V4(address) => {
            for (place, octet) in address.octets().into_iter().enumerate() {
                label.push_str(if place == 0 { "" } else { "." });
                label.push_str(itoa::Buffer::new().format(octet));
            }
        }
        // At most 45 characters.
        IpAddr::V6(address) => write!(label, "{address}").unwrap_or_default(),
    }
    label
}

/// The user or service account that a request comes from, for the access log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller(Actor);

impl Caller {
    /// Records who sent the request.
    pub(crate) fn note(request: &HttpRequest, principal: &Principal) {
        if let Some(context) = request.extensions().get::<RequestContext>() {
            context.0.caller.set(Some(Self(principal.actor())));
        }
    }

    /// Their id, or else their kind.
    pub(crate) fn label(self) -> Label {
        let mut label = Label::new();
        match self.0.id() {
            Some(id) => label.push_str(id.hyphenated().encode_lower(&mut [0; 36])),
            None => label.push_str(self.0.kind()),
        }
        label
    }

    /// The API key of a service account, or the one that its token was issued for.
    pub(crate) const fn api_key(self) -> Option<ApiKeyId> {
        self.0.key()
    }
}

/// Makes unique request ids: a random part identifies the process, a counter the request.
#[derive(Debug)]
pub(crate) struct RequestIds {
    process: u64,
    next: AtomicU64,
}

impl RequestIds {
    pub(crate) const fn new(process: u64) -> Self {
        Self { process, next: AtomicU64::new(1) }
    }

    fn make(&self) -> RequestId {
        RequestId::numbered(self.process, self.next.fetch_add(1, Ordering::Relaxed))
    }
}
