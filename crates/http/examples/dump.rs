//! x
use std::io::Write;
fn main() {
    let _ = std::io::stdout().write_all(&roster_http::openapi_document());
}
