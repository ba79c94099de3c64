//! Files that are uploaded: one as the body, or some as the parts of a form, which may have other parts too.

use super::in_turn::{InTurn, in_turn};
use super::multipart::{Multipart, PartHead};
use super::received::{Received, UploadBounds, too_large};
use crate::code::Code;
use crate::openapi::body::{Presence, media, takes_body};
use crate::openapi::errors::add_errors;
use crate::openapi::schema::{define, schema};
use crate::problem::{FieldViolation, Problem};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use paperclip::actix::OperationModifier;
use paperclip::v2::models::{DefaultOperationRaw, DefaultSchemaRaw};
use paperclip::v2::schema::Apiv2Schema;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::future::{Ready, ready};
use std::marker::PhantomData;
use zeroize::Zeroizing;

/// The parts of a form besides its files.
pub(crate) trait TextParts: 'static {
    /// Their names, each with its description.
    const PARTS: &'static [(&'static str, &'static str)];
}

/// An upload that has not been received yet.
pub(crate) struct Upload<T> {
    request: HttpRequest,
    payload: Payload,
    texts: PhantomData<T>,
}

/// The parts of an upload.
pub(crate) struct Parts {
    content: Content,
    /// The names of the text parts.
    texts: &'static [(&'static str, &'static str)],
    files: usize,
    has_bytes: bool,
}

enum Content {
    /// The body is a file.
    Body(Received),
    Form(Box<Multipart>),
}

/// A part of an upload.
pub(crate) enum Part {
    /// A file, with the name that the client gives it.
    File(Option<String>),
    /// A text, with the name of the part.
    Text(&'static str),
}

/// How many bytes are passed on at once.
const PIECE: usize = 1024 * 1024;

/// The maximum number of files. Each takes memory while it is read.
const MAX_FILES: usize = 100;

/// The maximum length of the name of a file in bytes. The report repeats it for every record.
const MAX_FILE_NAME: usize = 255;

/// The maximum length of a text in bytes.
const MAX_TEXT: usize = 16 * 1024;

const MULTIPART: &str = "multipart/form-data";
const FORM: &str = "application/x-www-form-urlencoded";
/// The name of the parts with files.
const PART: &str = "file";

impl<T: TextParts> Upload<T> {
    /// Begins to receive the upload.
    ///
    /// # Errors
    /// [`Code::BodyTooLarge`], if it is announced to be; [`Code::MediaTypeUnsupported`] for another form or a content coding;
    /// [`Code::RequestMalformed`] for a form without a boundary.
    pub(crate) fn begin(self) -> Result<Parts, Problem> {
        let Self { request, payload, .. } = self;
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
            const DETAIL: &str = "Send the file as it is, also if it is compressed, as application/octet-stream, or as a \
                part `file` of multipart/form-data.";
            return Err(Problem::new(Code::MediaTypeUnsupported).with_detail(DETAIL));
        }
        let received = Received::new(payload, bounds);
        let content = if essence.eq_ignore_ascii_case(MULTIPART) {
            Content::Form(Box::new(Multipart::new(&request, received)?))
        } else {
            Content::Body(received)
        };
        Ok(Parts { content, texts: T::PARTS, files: 0, has_bytes: false })
    }
}

impl Parts {
    /// The next part; `None` at the end.
    ///
    /// # Errors
    /// [`Code::UnknownField`]; [`Code::BodyMissing`] if there was no file, or only empty ones; the errors of the form.
    pub(crate) async fn next(&mut self) -> Result<Option<Part>, Problem> {
        let head = match &mut self.content {
            Content::Form(form) => form.next_part().await?,
            Content::Body(_) if self.files == 0 => Some(PartHead { name: PART.to_owned(), file_name: None }),
            Content::Body(_) => None,
        };
        let Some(PartHead { name, file_name }) = head else {
            return if self.has_bytes { Ok(None) } else { Err(self.no_file()) };
        };
        if name == PART {
            self.files += 1;
            return self.checked(file_name).map(|name| Some(Part::File(name)));
        }
        let known = self.texts.iter().find(|(known, _)| *known == name);
        known.map(|(known, _)| Some(Part::Text(known))).ok_or_else(|| self.unknown(&name))
    }

    /// The next piece of the file that was begun, about a megabyte; `None` at its end.
    ///
    /// # Errors
    /// The errors of the form.
    pub(crate) async fn piece(&mut self) -> Result<Option<Bytes>, Problem> {
        let mut piece = BytesMut::new();
        while piece.len() < PIECE {
            let Some(bytes) = self.bytes().await? else { break };
            piece.extend_from_slice(&bytes);
        }
        self.has_bytes |= !piece.is_empty();
        Ok((!piece.is_empty()).then(|| piece.freeze()))
    }

    /// The text that was begun.
    ///
    /// # Errors
    /// [`Code::RequestMalformed`] if it is not UTF-8 or too long; the errors of the form.
    pub(crate) async fn text(&mut self) -> Result<Zeroizing<String>, Problem> {
        let mut text = Zeroizing::new(Vec::new());
        while let Some(bytes) = self.bytes().await? {
            text.extend_from_slice(&bytes);
            if text.len() > MAX_TEXT {
                return Err(refused(format!("A part with an option can have at most {MAX_TEXT} bytes.")));
            }
        }
        match std::str::from_utf8(&text) {
            Ok(text) => Ok(Zeroizing::new(text.to_owned())),
            Err(_) => Err(refused("A part with an option is not UTF-8.".to_owned())),
        }
    }

    async fn bytes(&mut self) -> Result<Option<Bytes>, Problem> {
        match &mut self.content {
            Content::Body(received) => received.next().await,
            Content::Form(form) => form.next_bytes().await,
        }
    }

    fn checked(&self, file_name: Option<String>) -> Result<Option<String>, Problem> {
        if self.files > MAX_FILES {
            return Err(refused(format!("A form can have at most {MAX_FILES} files. Divide the import.")));
        }
        if file_name.as_ref().is_some_and(|name| name.len() > MAX_FILE_NAME) {
            return Err(refused(format!("The name of a file can have at most {MAX_FILE_NAME} bytes.")));
        }
        Ok(file_name)
    }

    fn no_file(&self) -> Problem {
        let problem = Problem::new(Code::BodyMissing);
        match self.content {
            Content::Body(_) => problem,
            Content::Form(_) => problem.with_detail("The form has no part `file`, or its files are empty."),
        }
    }

    fn unknown(&self, name: &str) -> Problem {
        let known: Vec<_> = self.texts.iter().map(|(known, _)| *known).collect();
        let message = format!(
            "known parts are {PART}, {}; other options are parameters of the query",
            known.join(", ")
        );
        Problem::new(Code::UnknownField).with_violations(vec![FieldViolation::new(
            name,
            "unknown_field",
            message,
        )])
    }
}

fn refused(detail: String) -> Problem {
    Problem::new(Code::RequestMalformed).with_detail(detail)
}

impl<T: TextParts> FromRequest for Upload<T> {
    type Error = Problem;
    type Future = InTurn<Ready<Result<Self, Problem>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        in_turn(&request.clone(), ready(Ok(Self { request, payload, texts: PhantomData })))
    }
}

/// A file as the body.
struct FileBody;

/// A form with files.
struct FileForm<T>(PhantomData<T>);

impl Apiv2Schema for FileBody {
    fn name() -> Option<String> {
        Some("ImportFile".to_owned())
    }

    fn raw_schema() -> DefaultSchemaRaw {
        let file = json!({ "type": "string", "format": "binary", "example": "{\"username\": \"ada\"}\n" });
        DefaultSchemaRaw { name: Self::name(), ..schema(&file) }
    }
}

impl<T: TextParts> Apiv2Schema for FileForm<T> {
    fn name() -> Option<String> {
        Some("ImportForm".to_owned())
    }

    fn raw_schema() -> DefaultSchemaRaw {
        let file = json!({ "type": "string", "format": "binary" });
        let files = json!({
            "type": "array", "minItems": 1, "maxItems": MAX_FILES, "items": file,
            "description": "The files, each in a part of its own. They are imported as one.",
        });
        let text = |description: &str| json!({ "type": "string", "maxLength": MAX_TEXT, "description": description });
        let texts = T::PARTS.iter().map(|(name, description)| ((*name).to_owned(), text(description)));
        let properties: Map<String, Value> = texts.chain([(PART.to_owned(), files)]).collect();
        let form = json!({
            "type": "object",
            "required": [PART],
            "properties": properties,
            "example": { PART: ["{\"username\": \"ada\"}\n"] },
        });
        DefaultSchemaRaw { name: Self::name(), ..schema(&form) }
    }
}

impl<T> Apiv2Schema for Upload<T> {}

impl<T: TextParts> OperationModifier for Upload<T> {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        let body = [media::<FileForm<T>>(MULTIPART), media::<FileBody>("application/octet-stream")];
        takes_body::<FileForm<T>>(operation, Presence::Required, &body);
        add_errors(
            operation,
            &[
                Code::RequestMalformed,
                Code::BodyMissing,
                Code::UnknownField,
                Code::ValidationFailed,
                Code::RequestTimeout,
                Code::BodyTooLarge,
                Code::MediaTypeUnsupported,
            ],
        );
    }

    fn update_definitions(definitions: &mut BTreeMap<String, DefaultSchemaRaw>) {
        define(FileForm::<T>::raw_schema(), definitions);
        define(FileBody::raw_schema(), definitions);
    }
}
