//! Whether a request comes from where it may: the defence against web pages and rebound host names.
//!
//! Where the local user needs no key, a page in their browser could act for them. So the host name has to be one of
//! ours, a page has to be ours, and what changes something must not come from another site. Where a key is needed,
//! no page has it and any host name will do, but a foreign page is refused all the same.

use axum::http::{HeaderMap, Method, Uri, header};
use executor_core::{ErrorCode, Failure};
use url::{Host, Url};

/// The names and origins that are ours.
#[derive(Debug, Clone)]
pub(crate) struct Origins {
    public_host: Option<Host<String>>,
    public_origin: url::Origin,
    port: u16,
}

impl Origins {
    /// Of a server that is known as `public_url` and listens on `port` of this machine.
    pub(crate) fn new(public_url: &Url, port: u16) -> Self {
        let public_host = public_url.host().map(|host| host.to_owned());
        Self { public_host, public_origin: public_url.origin(), port }
    }

    /// Checks a request. `any_host` is for servers that nobody enters without a key.
    pub(crate) fn check(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        any_host: bool,
    ) -> Result<(), Failure> {
        if !any_host {
            self.check_host(uri, headers)?;
        }
        if let Some(origin) = headers.get(header::ORIGIN) {
            let origin = origin.to_str().unwrap_or_default();
            if !self.is_our_origin(origin) {
                return Err(refused(format!("The origin `{origin}` is not this server's.")));
            }
        }
        let site = headers.get("sec-fetch-site").and_then(|site| site.to_str().ok());
        if !method.is_safe() && site == Some("cross-site") {
            return Err(refused("A page of another site may change nothing here.".to_owned()));
        }
        Ok(())
    }

    /// Refuses what does not come from a page of ours. Browsers send a cookie to every port of a host, so it takes the
    /// request's own word, which no page can forge.
    pub(crate) fn require_own_page(&self, headers: &HeaderMap) -> Result<(), Failure> {
        let is_own = match headers.get(header::ORIGIN) {
            Some(origin) => origin.to_str().is_ok_and(|origin| self.is_our_origin(origin)),
            None => headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin"),
        };
        match is_own {
            true => Ok(()),
            false => Err(refused("Only a page of this server may do this.".to_owned())),
        }
    }

    fn check_host(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Failure> {
        let stated = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let Some(authority) = stated.or_else(|| uri.authority().map(|authority| authority.as_str())) else {
            return Err(refused("The request names no host.".to_owned()));
        };
        let host = host_of(authority);
        if host.as_ref().is_some_and(|host| is_loopback(host) || Some(host) == self.public_host.as_ref()) {
            return Ok(());
        }
        Err(refused(format!("The host `{authority}` is not this server's.")))
    }

    fn is_our_origin(&self, origin: &str) -> bool {
        let Ok(url) = Url::parse(origin) else { return false };
        if url.origin() == self.public_origin {
            return true;
        }
        url.scheme() == "http" && is_loopback_url(&url) && url.port_or_known_default() == Some(self.port)
    }
}

/// Whether an address is this machine's own.
pub(crate) fn is_loopback_url(url: &Url) -> bool {
    url.host().is_some_and(|host| is_loopback(&host.to_owned()))
}

fn host_of(authority: &str) -> Option<Host<String>> {
    if authority.contains(['/', '@', '?', '#']) {
        return None;
    }
    Url::parse(&format!("http://{authority}")).ok()?.host().map(|host| host.to_owned())
}

fn is_loopback(host: &Host<String>) -> bool {
    match host {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

fn refused(message: String) -> Failure {
    Failure::new(ErrorCode::OriginRefused, message)
}

#[cfg(test)]
#[path = "origin_tests.rs"]
mod tests;
