//! Reads `multipart/form-data` (RFC 7578) part by part. Only the boundary ends a part: RFC 7578 gives no meaning to a
//! `Content-Length` in its head, where `actix-multipart` ends the part. `multer` needs a body that can move between threads.

use super::received::Received;
use crate::code::Code;
use crate::problem::Problem;
use actix_web::HttpMessage as _;
use actix_web::HttpRequest;
use actix_web::http::header::{self, ContentDisposition, DispositionType, HeaderValue};
use actix_web::web::{Buf as _, Bytes, BytesMut};
use memchr::memmem::{self, Finder};

/// The maximum length of a line in the head of a part, and of the whole head.
const MAX_HEAD: usize = 16 * 1024;

/// The maximum length of a boundary (RFC 2046, section 5.1.1).
const MAX_BOUNDARY: usize = 70;

const LINE_END: &[u8] = b"\r\n";

/// A form that is being received.
pub(super) struct Multipart {
    received: Received,
    buffer: BytesMut,
    /// What ends a part: the line break before the boundary belongs to it.
    delimiter: Finder<'static>,
    position: Position,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    /// In the body of a part, or in what precedes the first one.
    Body,
    AfterDelimiter,
    AtEnd,
}

/// What the head of a part says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PartHead {
    pub(super) name: String,
    pub(super) file_name: Option<String>,
}

impl Multipart {
    /// # Errors
    /// [`Code::RequestMalformed`] if the request names no boundary.
    pub(super) fn new(request: &HttpRequest, received: Received) -> Result<Self, Problem> {
        let media = request.mime_type().ok().flatten();
        let boundary = media.as_ref().and_then(|media| media.get_param("boundary"));
        let boundary = boundary.map(|boundary| boundary.as_str().to_owned());
        let boundary = boundary.filter(|boundary| (1..=MAX_BOUNDARY).contains(&boundary.len()));
        let boundary = boundary.ok_or_else(|| malformed("Its `Content-Type` has no valid boundary"))?;
        Ok(Self {
            received,
            // So that the first delimiter looks like the others.
            buffer: BytesMut::from(LINE_END),
            delimiter: Finder::new(&format!("\r\n--{boundary}")).into_owned(),
            position: Position::Body,
        })
    }

    /// Begins the next part, and passes over what is left of this one; `None` at the end of the form.
    ///
    /// # Errors
    /// [`Code::RequestMalformed`], and the errors of [`Received::next`].
    pub(super) async fn next_part(&mut self) -> Result<Option<PartHead>, Problem> {
        while self.next_bytes().await?.is_some() {}
        if self.position == Position::AtEnd {
            return Ok(None);
        }
        while self.buffer.len() < 2 {
            self.fill().await?;
        }
        if self.buffer.starts_with(b"--") {
            self.position = Position::AtEnd;
            // What follows means nothing, but is part of the request.
            while self.received.next().await?.is_some() {}
            return Ok(None);
        }
        let padding = self.line().await?;
        if !padding.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
            return Err(malformed("There is something after a boundary"));
        }
        let head = self.head().await?;
        self.position = Position::Body;
        Ok(Some(head))
    }

    /// The next bytes of the part; `None` at its end.
    ///
    /// # Errors
    /// As [`next_part`](Self::next_part).
    pub(super) async fn next_bytes(&mut self) -> Result<Option<Bytes>, Problem> {
        let len = self.delimiter.needle().len();
        while self.position == Position::Body {
            let found = self.delimiter.find(&self.buffer);
            // Without a delimiter, the end may be the beginning of one.
            let free = found.unwrap_or_else(|| self.buffer.len().saturating_sub(len - 1));
            if free > 0 {
                return Ok(Some(self.buffer.split_to(free).freeze()));
            }
            if found.is_some() {
                self.buffer.advance(len);
                self.position = Position::AfterDelimiter;
            } else {
                self.fill().await?;
            }
        }
        Ok(None)
    }

    async fn head(&mut self) -> Result<PartHead, Problem> {
        let (mut disposition, mut len) = (None, 0);
        loop {
            let line = self.line().await?;
            len += line.len();
            if len > MAX_HEAD {
                return Err(malformed("The head of a part is too long"));
            }
            if line.is_empty() {
                break;
            }
            let colon = memchr::memchr(b':', &line).ok_or_else(|| malformed("A part has an invalid head"))?;
            if !line[..colon].eq_ignore_ascii_case(header::CONTENT_DISPOSITION.as_str().as_bytes()) {
                continue;
            }
            if disposition.replace(disposition_of(&line[colon + 1..])?).is_some() {
                return Err(malformed("A part has two names"));
            }
        }
        disposition.ok_or_else(|| malformed("A part has no `Content-Disposition`"))
    }

    /// The bytes up to the next line break, which is not part of them.
    async fn line(&mut self) -> Result<Bytes, Problem> {
        loop {
            if let Some(len) = memmem::find(&self.buffer, LINE_END) {
                let line = self.buffer.split_to(len).freeze();
                self.buffer.advance(LINE_END.len());
                return Ok(line);
            }
            if self.buffer.len() > MAX_HEAD {
                return Err(malformed("The head of a part is too long"));
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> Result<(), Problem> {
        match self.received.next().await? {
            Some(chunk) => self.buffer.extend_from_slice(&chunk),
            None => return Err(malformed("It ended early")),
        }
        Ok(())
    }
}

fn disposition_of(value: &[u8]) -> Result<PartHead, Problem> {
    let invalid = || malformed("The `Content-Disposition` of a part is invalid");
    let value = HeaderValue::from_bytes(value.trim_ascii()).map_err(|_| invalid())?;
    let value = ContentDisposition::from_raw(&value).map_err(|_| invalid())?;
    let name = value.get_name().filter(|_| value.disposition == DispositionType::FormData);
    Ok(PartHead {
        name: name.ok_or_else(invalid)?.to_owned(),
        file_name: value.get_filename().filter(|name| !name.is_empty()).map(str::to_owned),
    })
}

fn malformed(reason: &str) -> Problem {
    let detail = format!("The form is not valid multipart/form-data (RFC 7578). {reason}.");
    Problem::new(Code::RequestMalformed).with_detail(detail)
}

#[cfg(test)]
mod tests {
    use super::super::received::UploadBounds;
    use super::*;
    use actix_web::dev::Payload;
    use actix_web::error::PayloadError;
    use actix_web::test::TestRequest;
    use futures_util::{Stream, stream};
    use std::pin::Pin;
    use std::time::Duration;

    /// The names, file names and contents of the parts of a body that arrives in chunks of `len` bytes.
    async fn parts(body: &str, len: usize) -> Result<Vec<(String, Option<String>, String)>, Problem> {
        let chunks: Vec<_> =
            body.as_bytes().chunks(len).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
        let chunks: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> = Box::pin(stream::iter(chunks));
        let payload = Payload::Stream { payload: chunks };
        let bounds = UploadBounds { limit: 1024, pause: Duration::from_secs(1) };
        let request = TestRequest::default();
        let request = request
            .insert_header((header::CONTENT_TYPE, "multipart/form-data; boundary=b"))
            .to_http_request();
        let mut form = Multipart::new(&request, Received::new(payload, bounds))?;
        let mut parts = Vec::new();
        while let Some(PartHead { name, file_name }) = form.next_part().await? {
            let mut content = Vec::new();
            while let Some(bytes) = form.next_bytes().await? {
                content.extend_from_slice(&bytes);
            }
            parts.push((name, file_name, String::from_utf8(content).unwrap()));
        }
        Ok(parts)
    }

    const FORM: &str = "preamble\r\n--b \r\nContent-Length: 1\r\nContent-Disposition: form-data; name=\"a\"; \
        filename=\"ü \\\"q\\\".csv\"\r\n\r\nx\r\n-\r\n--\r\n--\n--b\r\n--b\r\ncontent-disposition:form-data;name=b\r\n\r\n\r\n\
        --b--epilogue\r\n--b";

    #[actix_web::test]
    async fn a_form_is_the_same_however_its_bytes_arrive() {
        let part = |name: &str, file: Option<&str>, text: &str| {
            (name.to_owned(), file.map(str::to_owned), text.to_owned())
        };
        let expected = [part("a", Some("ü \"q\".csv"), "x\r\n-\r\n--\r\n--\n--b"), part("b", None, "")];
        for len in 1..=FORM.len() {
            assert_eq!(parts(FORM, len).await.unwrap(), expected, "{len}");
        }
    }

    #[actix_web::test]
    async fn a_form_that_ends_early_is_refused_wherever_it_ends() {
        let end = FORM.find("--epilogue").unwrap() + 2;
        for len in 0..end {
            let problem = parts(&FORM[..FORM.floor_char_boundary(len)], 7).await.unwrap_err();
            assert_eq!(problem.code(), Code::RequestMalformed, "{len}");
        }
    }
}
