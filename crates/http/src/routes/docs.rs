//! The documentation page: Swagger UI from the binary, without a CDN.

use crate::code::Code;
use crate::extract::AssetName;
use crate::openapi::endpoint::{Endpoint, Header};
use crate::problem::Problem;
use crate::router::{Resource, Router};
use crate::verbatim::{File, NO_CACHE};
use actix_web::http::header::{AcceptEncoding, Encoding, Preference, Quality};
use actix_web::web::Bytes;
use actix_web::{HttpMessage, HttpRequest};
use flate2::read::GzDecoder;
use paperclip::actix::api_v2_operation;
use std::io::Read;

pub(crate) fn configure(router: &mut Router<'_, '_>) {
    router.other(Resource::at("/docs").get(docs, DOCS));
    router.other(Resource::at("/docs/{asset}").get(asset, ASSET));
}

/// Scripts and styles are loaded from this server only, and inline scripts do not run. `data:` is for the icons of
/// Swagger UI. Its inline styles are set by script, which needs no exception.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE: &[u8] = include_bytes!("../../assets/docs.html");

/// A file that the page uses.
struct Asset {
    name: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
    is_compressed: bool,
}

const SCRIPT: &str = "text/javascript; charset=utf-8";

const ASSETS: [Asset; 4] = [
    Asset {
        name: "swagger-ui-bundle.js",
        content_type: SCRIPT,
        bytes: include_bytes!("../../assets/swagger-ui/swagger-ui-bundle.js.gz"),
        is_compressed: true,
    },
    Asset {
        name: "swagger-ui.css",
        content_type: "text/css; charset=utf-8",
        bytes: include_bytes!("../../assets/swagger-ui/swagger-ui.css.gz"),
        is_compressed: true,
    },
    Asset {
        name: "docs.js",
        content_type: SCRIPT,
        bytes: include_bytes!("../../assets/docs.js"),
        is_compressed: false,
    },
    Asset {
        name: "favicon-32x32.png",
        content_type: "image/png",
        bytes: include_bytes!("../../assets/swagger-ui/favicon-32x32.png"),
        is_compressed: false,
    },
];

const DOCS: Endpoint = Endpoint::failing_with(&[])
    .with_headers(&[Header::ContentSecurityPolicy(POLICY), Header::Vary])
    .with_cache_control(NO_CACHE);

/// Returns the documentation page.
///
/// Swagger UI, served by Roster itself. "Authorize" takes a username and a password, or a token; "Execute" then calls
/// this server.
#[api_v2_operation(operation_id = "readDocs", tags(meta), produces = "text/html")]
async fn docs() -> Result<File, Problem> {
    let bytes = Bytes::from_static(PAGE);
    Ok(File { content_type: "text/html; charset=utf-8", bytes, is_compressed: false, policy: Some(POLICY) })
}

const ASSET: Endpoint = Endpoint::failing_with(&[Code::NotFound])
    .with_headers(&[Header::ContentEncoding, Header::Vary])
    .with_cache_control(NO_CACHE)
    .with_example_path("/docs/nothing.js");

/// Returns a file of the documentation page.
///
/// A script, a style sheet or an icon.
#[api_v2_operation(operation_id = "readDocsAsset", tags(meta), produces = "*/*")]
async fn asset(name: AssetName, request: HttpRequest) -> Result<File, Problem> {
    let asset = ASSETS.iter().find(|asset| asset.name == name.0).ok_or(Code::NotFound)?;
    let is_compressed = asset.is_compressed && accepts_gzip(&request);
    let bytes = if asset.is_compressed && !is_compressed {
        decompress(asset.bytes)?
    } else {
        Bytes::from_static(asset.bytes)
    };
    Ok(File { content_type: asset.content_type, bytes, is_compressed, policy: None })
}

/// Whether the client names gzip in `Accept-Encoding`, with a weight above zero.
fn accepts_gzip(request: &HttpRequest) -> bool {
    let gzip = Preference::Specific(Encoding::gzip());
    let accepted = request.get_header::<AcceptEncoding>();
    accepted.is_some_and(|accepted| {
        accepted.iter().any(|encoding| encoding.item == gzip && encoding.quality > Quality::ZERO)
    })
}

fn decompress(bytes: &[u8]) -> Result<Bytes, Problem> {
    let mut plain = Vec::new();
    let read = GzDecoder::new(bytes).read_to_end(&mut plain);
    read.map_err(|cause| Problem::new(Code::Internal).with_cause(cause))?;
    Ok(plain.into())
}
