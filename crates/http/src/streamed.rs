//! Responses that are written while they are read from the store.

use crate::openapi::success::add_response;
use actix_web::body::{BodyStream, BoxBody};
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, Responder};
use futures_util::stream::{self, BoxStream, StreamExt};
use paperclip::actix::OperationModifier;
use paperclip::v2::models::DefaultOperationRaw;
use paperclip::v2::schema::Apiv2Schema;
use std::io;

/// A file that is written while it is read. An error closes the connection before the end of the body, so that the client
/// cannot take the part that it has received for the whole.
pub(crate) struct Streamed {
    pub(crate) content_type: &'static str,
    /// The name under which a browser saves it.
    pub(crate) file_name: String,
    pub(crate) bytes: BoxStream<'static, Result<Bytes, io::Error>>,
    /// Whether the request's `Accept` chose the content type.
    choice: Choice,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    None,
    ByAccept,
}

impl Streamed {
    /// A response that begins with `first` and continues with what `next` returns, until it returns `None`.
    pub(crate) fn new<S, F>(
        content_type: &'static str,
        file_name: String,
        first: Vec<u8>,
        rest: S,
        next: impl Fn(S) -> F + Send + 'static,
    ) -> Self
    where
        S: Send + 'static,
        F: Future<Output = Result<Option<(Bytes, S)>, io::Error>> + Send + 'static,
    {
        let first = stream::iter([Ok(Bytes::from(first))]);
        let bytes = first.chain(stream::try_unfold(rest, next)).boxed();
        Self { content_type, file_name, bytes, choice: Choice::None }
    }

    /// The response to a HEAD: its headers alone.
    pub(crate) fn headers_only(content_type: &'static str, file_name: String) -> Self {
        Self { content_type, file_name, bytes: stream::empty().boxed(), choice: Choice::None }
    }

    /// The same response, whose content type depends on the request's `Accept`.
    pub(crate) fn chosen_by_accept(self) -> Self {
        Self { choice: Choice::ByAccept, ..self }
    }
}

impl Responder for Streamed {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        response.content_type(self.content_type);
        if self.choice == Choice::ByAccept {
            response.insert_header((header::VARY, "Accept"));
        }
        if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{}\"", self.file_name)) {
            response.insert_header((header::CONTENT_DISPOSITION, name));
        }
        response.body(BodyStream::new(self.bytes))
    }
}

impl Apiv2Schema for Streamed {}

impl OperationModifier for Streamed {
    fn update_response(operation: &mut DefaultOperationRaw) {
        const DESCRIPTION: &str =
            "The file. It is sent in chunks; if it ends without the last chunk, it is incomplete.";
        add_response(operation, 200, DESCRIPTION, None);
    }
}
