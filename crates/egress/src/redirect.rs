//! Redirects, decided by us and not by the HTTP library (RFC 9110, 15.4).
//!
//! A redirect is followed when that is certain to be what was asked for. One that is not followed is the answer: the
//! caller sees its status and location. That holds above all for a request that changes something and is sent on to
//! another origin, because whoever approved it approved one origin.

use http::{HeaderMap, HeaderName, Method, StatusCode, header};
use url::Url;

use crate::error::{Error, Kind};
use crate::hop::Hop;

/// The hop to which the answer to `hop` leads; `None` where it is to be taken as it is.
pub(crate) fn next(hop: &Hop, status: StatusCode, headers: &HeaderMap) -> Result<Option<Hop>, Error> {
    let Some(method) = method_after(status, &hop.method) else { return Ok(None) };
    let Some(mut url) = location(&hop.url, headers)? else { return Ok(None) };
    if let Some(injection) = &hop.injection {
        injection.scrub(&mut url);
    }
    if hop.url.scheme() == "https" && url.scheme() == "http" {
        return Err(Kind::InsecureRedirect.into());
    }
    let same_origin = hop.url.origin() == url.origin();
    if !same_origin && !method.is_safe() {
        return Ok(None);
    }

    let mut next = Hop { method, url, ..hop.clone() };
    if next.method != hop.method {
        next.body.clear();
        remove(&mut next.headers, |name| name.as_str().starts_with("content-"));
    }
    if !same_origin {
        next.injection = None;
        remove(&mut next.headers, |name| !is_impersonal(name));
    }
    Ok(Some(next))
}

/// The method of the next request; `None` where the redirect is not followed.
///
/// 301 and 302 turn a POST into a GET, as every client does. What they mean for other unsafe methods is anyone's guess.
fn method_after(status: StatusCode, method: &Method) -> Option<Method> {
    match status {
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND if method.is_safe() => Some(method.clone()),
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND if method == Method::POST => Some(Method::GET),
        StatusCode::SEE_OTHER if method == Method::HEAD => Some(Method::HEAD),
        StatusCode::SEE_OTHER => Some(Method::GET),
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => Some(method.clone()),
        _ => None,
    }
}

/// Where the answer points, without the fragment, which is none of the server's business.
fn location(base: &Url, headers: &HeaderMap) -> Result<Option<Url>, Error> {
    let Some(value) = headers.get(header::LOCATION) else { return Ok(None) };
    let unusable = || Kind::Protocol { detail: "the redirect's location is not a URL".to_owned() };
    let text = std::str::from_utf8(value.as_bytes()).map_err(|_| unusable())?;
    let mut url = base.join(text).map_err(|_| unusable())?;
    url.set_fragment(None);
    Ok(Some(url))
}

/// Headers that say what is wanted and not who wants it: all that another origin gets to see.
fn is_impersonal(name: &HeaderName) -> bool {
    name.as_str().starts_with("content-")
        || [header::ACCEPT, header::ACCEPT_LANGUAGE, header::RANGE, header::USER_AGENT].contains(name)
}

fn remove(headers: &mut HeaderMap, unwanted: impl Fn(&HeaderName) -> bool) {
    let names: Vec<_> = headers.keys().filter(|name| unwanted(name)).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use bytes::Bytes;

    use super::*;

    fn hop(method: &str, url: &str) -> Hop {
        Hop {
            method: method.parse().unwrap(),
            url: url.parse().unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::from_static(b"body"),
            injection: None,
        }
    }

    fn answer(location: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::LOCATION, location.parse().unwrap())])
    }

    #[test]
    fn method_and_body_follow_the_status() {
        let same = "/next";
        let other = "https://other.example/next";
        for (method, status, location, expected) in [
            ("GET", 301, same, Some(("GET", true))),
            ("GET", 302, other, Some(("GET", true))),
            ("HEAD", 302, same, Some(("HEAD", true))),
            ("HEAD", 303, same, Some(("HEAD", true))),
            ("POST", 301, same, Some(("GET", false))),
            ("POST", 302, same, Some(("GET", false))),
            ("POST", 303, same, Some(("GET", false))),
            ("POST", 303, other, Some(("GET", false))),
            ("POST", 307, same, Some(("POST", true))),
            ("POST", 308, same, Some(("POST", true))),
            ("POST", 307, other, None),
            ("POST", 308, other, None),
            ("PUT", 301, same, None),
            ("PUT", 303, same, Some(("GET", false))),
            ("DELETE", 302, same, None),
            ("PATCH", 308, same, Some(("PATCH", true))),
            ("GET", 300, same, None),
            ("GET", 304, same, None),
            ("GET", 305, same, None),
            ("GET", 200, same, None),
        ] {
            let hop = hop(method, "https://one.example/start");
            let next = next(&hop, StatusCode::from_u16(status).unwrap(), &answer(location)).unwrap();
            let seen = next.as_ref().map(|next| (next.method.as_str(), !next.body.is_empty()));
            assert_eq!(seen, expected, "{method} {status} {location}");
        }
    }

    #[test]
    fn https_never_leads_to_http() {
        let hop = hop("GET", "https://one.example/");
        let error = next(&hop, StatusCode::FOUND, &answer("http://one.example/")).err().unwrap();
        assert_eq!(*error.kind(), Kind::InsecureRedirect);
    }

    #[test]
    fn a_missing_location_is_an_answer_and_an_unusable_one_is_an_error() {
        let hop = hop("GET", "https://one.example/");
        assert!(next(&hop, StatusCode::FOUND, &HeaderMap::new()).unwrap().is_none());
        assert!(next(&hop, StatusCode::FOUND, &answer("https://[::1")).is_err());
    }
}
