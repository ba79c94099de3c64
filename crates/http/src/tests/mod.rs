//! What every request gets, and the document.

mod bodies;
mod document;
mod list;
mod requests;

use crate::document::openapi_document;
use crate::extract::{BodyBounds, IfMatchRule, PublicUrl, UploadBounds};
use crate::live::Live;
use crate::middleware::{Edge, RequestIds};
use crate::observer::{FinishedRequest, HttpObserver};
use crate::operations::{HealthCheck, HealthProbe, MetricsAccess, MetricsSource, OpenApi, Operations};
use crate::rendered::RenderedUsers;
use crate::server::AppState;
use crate::settings::HttpSettings;
use actix_web::web::Data;
use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Records the requests it observes.
#[derive(Default)]
struct Observed {
    requests: Mutex<Vec<String>>,
}

impl HttpObserver for Observed {
    fn request_started(&self) {}

    fn request_finished(&self, request: &FinishedRequest<'_>) {
        let line = format!("{} {} {}", request.method, request.route, request.status);
        self.requests.lock().unwrap().push(line);
    }

    fn request_abandoned(&self) {}
}

/// A part that works or not.
struct Part(bool);

impl HealthProbe for Part {
    fn checks(&self) -> Vec<HealthCheck> {
        vec![HealthCheck { name: "store", healthy: self.0 }]
    }
}

impl MetricsSource for Part {
    fn metrics(&self) -> Result<String, Box<dyn Error + Send + Sync>> {
        if self.0 { Ok("# a metric\n".to_owned()) } else { Err("no metrics: secret reason".into()) }
    }
}

fn state(healthy: bool, metrics_access: MetricsAccess, recorder: &Arc<Observed>) -> AppState {
    let observer = Arc::clone(recorder) as Arc<dyn HttpObserver>;
    let operations = Operations {
        version: "1.2.3",
        started: Instant::now(),
        health: Arc::new(Part(healthy)),
        metrics: Arc::new(Part(healthy)),
        metrics_access,
        observer: Arc::clone(&observer),
    };
    let origins = vec!["https://app.example.org".to_owned()];
    let live = Arc::new(Live::new(&HttpSettings { cors_origins: origins, ..HttpSettings::default() }));
    AppState {
        public_url: Data::new(PublicUrl(None)),
        rendered: Data::new(RenderedUsers::new()),
        edge: Edge { ids: Arc::new(RequestIds::new(7)), live: Arc::clone(&live), observer },
        live: Data::from(live),
        body_bounds: BodyBounds { limit: 64 * 1024, timeout: Duration::from_secs(1) },
        upload_bounds: UploadBounds { limit: 1024, pause: Duration::from_secs(1) },
        if_match: IfMatchRule::Optional,
        operations: Data::new(operations),
        document: Data::new(OpenApi(openapi_document())),
    }
}
