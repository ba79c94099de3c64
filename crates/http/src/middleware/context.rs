//! What is known of a request before anyone looks at it.

use actix_web::HttpMessage;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::Method;
use actix_web::{FromRequest, HttpRequest};
use arrayvec::ArrayString;
use roster_domain::{Actor, ApiKeyId, Origin, Principal, RequestId};
use std::fmt::Write as _;
use std::future::{Ready, ready};
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::problem::{Code, Problem};

/// The header that carries a request's id, both ways.
pub(crate) const REQUEST_ID: &str = "x-request-id";

/// Who asks from where, since when, under which id.
#[derive(Clone, Debug)]
pub(crate) struct RequestContext(Rc<Known>);

#[derive(Debug)]
struct Known {
    /// Named in the answer, the log and the audit trail.
    id: RequestId,
    /// The client's address, as far as trusted proxies vouch for it.
    client: Option<IpAddr>,
    /// As it was sent: `HEAD` is routed as `GET`.
    method: Method,
    started: Instant,
}

impl RequestContext {
    pub(crate) fn new(request: &ServiceRequest, client: Option<IpAddr>, ids: &RequestIds) -> Self {
        let sent = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
        let id = sent.and_then(|text| RequestId::new(text).ok()).unwrap_or_else(|| ids.make());
        Self(Rc::new(Known { id, client, method: request.method().clone(), started: Instant::now() }))
    }

    /// The request's id.
    pub(crate) fn id(&self) -> &str {
        self.0.id.as_str()
    }

    /// The client's address.
    pub(crate) fn client(&self) -> Option<IpAddr> {
        self.0.client
    }

    /// The method as it was sent.
    pub(crate) fn method(&self) -> &Method {
        &self.0.method
    }

    /// When the request's head had been read.
    pub(crate) fn started(&self) -> Instant {
        self.0.started
    }

    /// What the audit log keeps of it.
    pub(crate) fn origin(&self) -> Origin {
        Origin { ip: self.0.client, request_id: Some(self.0.id.clone()), ..Origin::default() }
    }
}

impl FromRequest for RequestContext {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let context = request.extensions().get::<Self>().cloned();
        ready(context.ok_or_else(|| Code::Internal.into()))
    }
}

crate::openapi::undocumented!(RequestContext);

/// A text of the access log that needs no allocation.
pub(crate) type Label = ArrayString<45>;

/// An address as the access log shows it.
pub(crate) fn address_label(address: IpAddr) -> Label {
    let mut label = Label::new();
    match address {
        // Most are of this kind, and `Display` takes its time over them.
        IpAddr::V4(address) => {
            for (place, octet) in address.octets().into_iter().enumerate() {
                label.push_str(if place == 0 { "" } else { "." });
                label.push_str(itoa::Buffer::new().format(octet));
            }
        }
        // It has at most 45 characters.
        IpAddr::V6(address) => write!(label, "{address}").unwrap_or_default(),
    }
    label
}

/// The user or the machine a request turned out to come from, for the access log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller(Actor);

impl Caller {
    /// Remembers who a request comes from.
    pub(crate) fn note(request: &HttpRequest, principal: &Principal) {
        request.extensions_mut().insert(Self(principal.actor()));
    }

    /// Their id, or what they are.
    pub(crate) fn label(self) -> Label {
        let mut label = Label::new();
        match self.0.id() {
            Some(id) => label.push_str(id.hyphenated().encode_lower(&mut [0; 36])),
            None => label.push_str(self.0.kind()),
        }
        label
    }

    /// The API key that a machine showed, or that its token was issued for.
    pub(crate) const fn api_key(self) -> Option<ApiKeyId> {
        self.0.key()
    }
}

/// Makes ids that no two requests share: what is random names the process, a counter the request.
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
