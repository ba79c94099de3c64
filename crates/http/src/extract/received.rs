//! The bytes of a large body, as they arrive.

use super::receive::broken;
use crate::code::Code;
use crate::problem::Problem;
use actix_web::dev::Payload;
use actix_web::web::Bytes;
use futures_util::StreamExt;
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

/// A body that is being received, within its bounds.
pub(super) struct Received {
    payload: Payload,
    bounds: UploadBounds,
    count: u64,
}

impl Received {
    pub(super) const fn new(payload: Payload, bounds: UploadBounds) -> Self {
        Self { payload, bounds, count: 0 }
    }

    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// [`Code::BodyTooLarge`], [`Code::RequestTimeout`], [`Code::RequestMalformed`].
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        let next = timeout(self.bounds.pause, self.payload.next()).await;
        let Some(chunk) = next.map_err(|_| Code::RequestTimeout)? else { return Ok(None) };
        let chunk = chunk.map_err(broken)?;
        self.count += chunk.len() as u64;
        if self.count > self.bounds.limit { Err(too_large(self.bounds.limit)) } else { Ok(Some(chunk)) }
    }
}

/// The problem of an upload that has more bytes than allowed.
pub(super) fn too_large(limit: u64) -> Problem {
    Problem::new(Code::BodyTooLarge).with_detail(format!(
        "An upload can have at most {limit} bytes (`import.max_bytes`). Compress it, or divide it."
    ))
}
