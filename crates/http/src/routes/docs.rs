//! The documentation page: Swagger UI from the binary, without a CDN.

use super::other;
use crate::extract::AssetName;
use crate::problem::{Code, Problem};
use crate::verbatim::File;
use actix_web::http::header::{ACCEPT_ENCODING, HeaderMap};
use actix_web::{HttpRequest, web::Bytes};
use flate2::read::GzDecoder;
use paperclip::actix::{api_v2_operation, web};
use std::io::Read;

pub(super) fn configure(config: &mut web::ServiceConfig<'_>) {
    let allow = "GET, HEAD, OPTIONS";
    config.service(other(web::resource("/docs").route(web::get().to(docs)), allow));
    config.service(other(web::resource("/docs/{asset}").route(web::get().to(asset)), allow));
}

/// Scripts and styles come from here alone, and nothing on the page is run in place. `data:` is for the icons
/// that Swagger UI draws; its inline styles are set by script, which needs no exception.
pub(crate) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE: &[u8] = include_bytes!("../../assets/docs.html");

/// A file beside the page.
struct Asset {
    name: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
    packed: bool,
}

const SCRIPT: &str = "text/javascript; charset=utf-8";

const ASSETS: [Asset; 4] = [
    Asset {
        name: "swagger-ui-bundle.js",
        content_type: SCRIPT,
        bytes: include_bytes!("../../assets/swagger-ui/swagger-ui-bundle.js.gz"),
        packed: true,
    },
    Asset {
        name: "swagger-ui.css",
        content_type: "text/css; charset=utf-8",
        bytes: include_bytes!("../../assets/swagger-ui/swagger-ui.css.gz"),
        packed: true,
    },
    Asset {
        name: "docs.js",
        content_type: SCRIPT,
        bytes: include_bytes!("../../assets/docs.js"),
        packed: false,
    },
    Asset {
        name: "favicon-32x32.png",
        content_type: "image/png",
        bytes: include_bytes!("../../assets/swagger-ui/favicon-32x32.png"),
        packed: false,
    },
];

/// Shows the API as a page.
///
/// Swagger UI, served from the program itself. "Authorize" takes a username and a password, or a token; "Execute"
/// then calls this server.
#[api_v2_operation(operation_id = "readDocs", tags(meta), produces = "text/html")]
async fn docs() -> Result<File, Problem> {
    let bytes = Bytes::from_static(PAGE);
    Ok(File { content_type: "text/html; charset=utf-8", bytes, packed: false, policy: Some(POLICY) })
}

/// Gives a file of the page.
///
/// A script, a style sheet or an icon that the page asks for.
#[api_v2_operation(operation_id = "readDocsAsset", tags(meta), produces = "*/*")]
async fn asset(name: AssetName, request: HttpRequest) -> Result<File, Problem> {
    let asset = ASSETS.iter().find(|asset| asset.name == name.0).ok_or(Code::NotFound)?;
    let packed = asset.packed && takes_gzip(request.headers());
    let bytes =
        if asset.packed && !packed { unpacked(asset.bytes)? } else { Bytes::from_static(asset.bytes) };
    Ok(File { content_type: asset.content_type, bytes, packed, policy: None })
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let named = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    named.split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        gzip && parts.all(|part| !matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

fn unpacked(bytes: &[u8]) -> Result<Bytes, Problem> {
    let mut plain = Vec::new();
    let read = GzDecoder::new(bytes).read_to_end(&mut plain);
    read.map_err(|cause| Problem::new(Code::Internal).with_cause(cause))?;
    Ok(plain.into())
}
