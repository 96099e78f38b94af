//! One step of a request's way: what is sent to one origin.

use bytes::Bytes;
use http::{HeaderMap, Method};
use url::Url;

use crate::injection::Injection;
use crate::request::Request;

/// A request to one origin, with its secrets still apart.
#[derive(Clone)]
pub(crate) struct Hop {
    pub(crate) method: Method,
    /// The URL without secrets; what is reported as the final URL.
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) injection: Option<Injection>,
}

impl Hop {
    /// The message for the socket. The only place where the secrets and the request meet.
    pub(crate) fn outgoing(&self) -> reqwest::Request {
        let mut url = self.url.clone();
        let mut headers = self.headers.clone();
        if let Some(injection) = &self.injection {
            injection.apply(&mut url, &mut headers);
        }
        let mut request = reqwest::Request::new(self.method.clone(), url);
        *request.headers_mut() = headers;
        if !self.body.is_empty() {
            *request.body_mut() = Some(self.body.clone().into());
        }
        request
    }
}

impl From<Request> for Hop {
    fn from(request: Request) -> Self {
        let Request { method, url, headers, body, injection } = request;
        Self { method, url, headers, body, injection }
    }
}
