//! A file that is uploaded, as the body or as a part of a form.

use super::in_turn::{InTurn, in_turn};
use super::receive::broken;
use crate::code::Code;
use crate::openapi::body::{Presence, media, takes_body};
use crate::openapi::errors::add_errors;
use crate::openapi::schema::{define, schema};
use crate::problem::Problem;
use actix_multipart::{Multipart, MultipartError};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use futures_util::{Stream, StreamExt};
use paperclip::actix::OperationModifier;
use paperclip::v2::models::{DefaultOperationRaw, DefaultSchemaRaw};
use paperclip::v2::schema::Apiv2Schema;
use serde_json::json;
use std::collections::BTreeMap;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::time::Duration;
use tokio::time::timeout;

/// The limits for an upload.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UploadBounds {
    /// The maximum size in bytes.
    pub(crate) limit: u64,
    /// How long the client may pause.
    pub(crate) pause: Duration,
}

/// A file that has not been received yet.
pub(crate) struct Upload {
    request: HttpRequest,
    payload: Payload,
}

/// The bytes of the file, as they arrive.
type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, Problem>>>>;

/// How many bytes are passed on at once.
const PIECE: usize = 1024 * 1024;

const MULTIPART: &str = "multipart/form-data";
const FORM: &str = "application/x-www-form-urlencoded";
/// The name of the part with the file.
const PART: &str = "file";

/// What is still to be received of a file.
pub(crate) struct Pieces {
    chunks: Chunks,
    bounds: UploadBounds,
    received: u64,
}

impl Upload {
    /// Begins to receive the file.
    ///
    /// # Errors
    /// [`Code::BodyTooLarge`], if it is announced to be; [`Code::MediaTypeUnsupported`] for another form or a content coding;
    /// [`Code::BodyMissing`] for a form without the part `file`; [`Code::RequestMalformed`].
    pub(crate) async fn begin(self) -> Result<Pieces, Problem> {
        let Self { request, payload } = self;
        let bounds = *request.app_data::<UploadBounds>().ok_or(Code::Internal)?;
        let headers = request.headers();
        let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        if announced.and_then(|length| length.parse::<u64>().ok()).is_some_and(|length| length > bounds.limit)
        {
            return Err(too_large(bounds.limit));
        }
        let essence =
            headers.get(header::CONTENT_TYPE).and_then(|sent| sent.to_str().ok()).unwrap_or_default();
        let essence = essence.split(';').next().unwrap_or_default().trim();
        let is_coded = headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity");
        if is_coded || essence.eq_ignore_ascii_case(FORM) {
            const DETAIL: &str = "Send the file as it is, also if it is compressed, as application/octet-stream, or as the \
                part `file` of multipart/form-data.";
            return Err(Problem::new(Code::MediaTypeUnsupported).with_detail(DETAIL));
        }
        let chunks: Chunks = if essence.eq_ignore_ascii_case(MULTIPART) {
            file_of(Multipart::new(headers, payload), bounds.pause).await?
        } else {
            Box::pin(payload.map(|chunk| chunk.map_err(broken)))
        };
        Ok(Pieces { chunks, bounds, received: 0 })
    }
}

impl Pieces {
    /// The next piece, about a megabyte; `None` at the end.
    ///
    /// # Errors
    /// [`Code::BodyTooLarge`], [`Code::RequestTimeout`], [`Code::RequestMalformed`], [`Code::BodyMissing`].
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        let mut piece = BytesMut::new();
        while piece.len() < PIECE {
            let chunk =
                timeout(self.bounds.pause, self.chunks.next()).await.map_err(|_| Code::RequestTimeout)?;
            let Some(chunk) = chunk.transpose()? else { break };
            self.received += chunk.len() as u64;
            if self.received > self.bounds.limit {
                return Err(too_large(self.bounds.limit));
            }
            piece.extend_from_slice(&chunk);
        }
        if self.received == 0 {
            return Err(Code::BodyMissing.into());
        }
        Ok((!piece.is_empty()).then(|| piece.freeze()))
    }
}

/// The part with the file, which is the first one.
async fn file_of(mut form: Multipart, pause: Duration) -> Result<Chunks, Problem> {
    const DETAIL: &str =
        "The form must have one part, with the name `file`. Options are parameters of the query.";
    let field = timeout(pause, form.next()).await.map_err(|_| Code::RequestTimeout)?;
    let field = field.transpose().map_err(|error| malformed(&error))?;
    let field = field.filter(|field| field.name() == Some(PART));
    let field = field.ok_or_else(|| Problem::new(Code::BodyMissing).with_detail(DETAIL))?;
    let bytes = field.map(|chunk| chunk.map_err(|error| malformed(&error)));
    // The rest is read too, so that the end of the form is checked.
    let rest = form.map(|field| match field {
        Ok(_) => Err(Problem::new(Code::RequestMalformed).with_detail(DETAIL)),
        Err(error) => Err(malformed(&error)),
    });
    Ok(Box::pin(bytes.chain(rest)))
}

fn malformed(error: &MultipartError) -> Problem {
    const DETAIL: &str = "The form ended early, or is not valid multipart/form-data (RFC 7578).";
    Problem::new(Code::RequestMalformed).with_detail(DETAIL).with_cause(error.to_string())
}

fn too_large(limit: u64) -> Problem {
    Problem::new(Code::BodyTooLarge).with_detail(format!(
        "A file can have at most {limit} bytes (`import.max_bytes`). Compress it, or divide it."
    ))
}

impl FromRequest for Upload {
    type Error = Problem;
    type Future = InTurn<Ready<Result<Self, Problem>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        in_turn(request, ready(Ok(Self { request: request.clone(), payload: payload.take() })))
    }
}

/// A file as the body.
struct FileBody;

/// A form with a file.
struct FileForm;

impl Apiv2Schema for FileBody {
    fn name() -> Option<String> {
        Some("ImportFile".to_owned())
    }

    fn raw_schema() -> DefaultSchemaRaw {
        let file = json!({ "type": "string", "format": "binary", "example": "{\"username\": \"ada\"}\n" });
        DefaultSchemaRaw { name: Self::name(), ..schema(&file) }
    }
}

impl Apiv2Schema for FileForm {
    fn name() -> Option<String> {
        Some("ImportForm".to_owned())
    }

    fn raw_schema() -> DefaultSchemaRaw {
        let form = json!({
            "type": "object",
            "required": [PART],
            "properties": { PART: { "type": "string", "format": "binary", "description": "The file." } },
            "example": { PART: "{\"username\": \"ada\"}\n" },
        });
        DefaultSchemaRaw { name: Self::name(), ..schema(&form) }
    }
}

impl Apiv2Schema for Upload {}

impl OperationModifier for Upload {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        let body = [media::<FileForm>(MULTIPART), media::<FileBody>("application/octet-stream")];
        takes_body::<FileForm>(operation, Presence::Required, &body);
        add_errors(
            operation,
            &[
                Code::RequestMalformed,
                Code::BodyMissing,
                Code::RequestTimeout,
                Code::BodyTooLarge,
                Code::MediaTypeUnsupported,
            ],
        );
    }

    fn update_definitions(definitions: &mut BTreeMap<String, DefaultSchemaRaw>) {
        define(FileForm::raw_schema(), definitions);
        define(FileBody::raw_schema(), definitions);
    }
}
