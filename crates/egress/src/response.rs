//! An answer, read within its limits.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::echo::Scrubber;
use crate::error::{Error, Kind};
use crate::request::Limits;

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, decompressed.
    pub body: Bytes,
    /// Where the answer came from, after redirects. Without any injected secret.
    pub final_url: Url,
}

/// An answer whose body is still on its way.
#[derive(Debug)]
pub struct Reply {
    status: StatusCode,
    final_url: Url,
    answer: reqwest::Response,
    scrubber: Scrubber,
    received: u64,
    limits: Limits,
    deadline: Instant,
}

impl Reply {
    /// Refuses an answer that announces more than it may bring.
    pub(crate) fn new(
        mut answer: reqwest::Response,
        scrubber: Scrubber,
        final_url: Url,
        limits: Limits,
        deadline: Instant,
    ) -> Result<Self, Error> {
        scrubber.headers(answer.headers_mut());
        let status = answer.status();
        let reply = Self { status, final_url, answer, scrubber, received: 0, limits, deadline };
        match reply.announced() {
            Some(announced) if announced > limits.max_body_bytes => Err(reply.too_large()),
            _ => Ok(reply),
        }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.answer.headers()
    }

    /// Where the answer came from, after redirects. Without any injected secret.
    #[must_use]
    pub fn final_url(&self) -> &Url {
        &self.final_url
    }

    /// The size of the body, where the peer says it and does not compress.
    #[must_use]
    pub fn announced(&self) -> Option<u64> {
        self.answer.content_length()
    }

    /// The next piece of the body; `None` after the last.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            let clean = match self.received().await? {
                Some(piece) => self.scrubber.piece(piece),
                None => {
                    let rest = self.scrubber.rest();
                    return Ok((!rest.is_empty()).then_some(rest));
                }
            };
            if !clean.is_empty() {
                return Ok(Some(clean));
            }
        }
    }

    /// The next piece as it came.
    async fn received(&mut self) -> Result<Option<Bytes>, Error> {
        let piece = match timeout_at(self.deadline, self.answer.chunk()).await {
            Ok(Ok(piece)) => piece,
            Ok(Err(error)) => return Err(Error::from_body(&error).answered(self.status)),
            Err(_) => return Err(timed_out(self.limits.timeout).answered(self.status)),
        };
        self.received += piece.as_ref().map_or(0, |piece| piece.len() as u64);
        if self.received > self.limits.max_body_bytes {
            return Err(self.too_large());
        }
        Ok(piece)
    }

    /// Reads the rest of the body, telling `progress` after each piece how much has come, and of how much if known.
    pub async fn collect(mut self, mut progress: impl FnMut(u64, Option<u64>)) -> Result<Response, Error> {
        let announced = self.announced();
        let mut body = BytesMut::with_capacity(usize::try_from(announced.unwrap_or(0)).unwrap_or(0));
        while let Some(chunk) = self.chunk().await? {
            body.extend_from_slice(&chunk);
            progress(self.received, announced);
        }
        Ok(Response {
            status: self.status,
            headers: std::mem::take(self.answer.headers_mut()),
            body: body.freeze(),
            final_url: self.final_url,
        })
    }

    fn too_large(&self) -> Error {
        Error::from(Kind::TooLarge { limit: self.limits.max_body_bytes }).answered(self.status)
    }
}

pub(crate) fn timed_out(limit: Duration) -> Error {
    Error::from(Kind::Timeout { limit })
}
