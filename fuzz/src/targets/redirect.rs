//! Where a URL of foreign origin may lead, and where a redirect does: a status, a URL, and a location, a line each.

use executor_egress::address::is_public;
use executor_egress::{Guard, StatusCode, fuzz_redirect};

use super::first_line;
use crate::Target;

pub(super) const TARGET: Target = Target { name: "redirect", run, deep: Vec::new };

fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (status, rest) = first_line(&text);
    let (url, location) = first_line(rest);
    let Ok(url) = Guard::default().parse(url) else { return };
    let literal = url.host_str().and_then(|host| host.trim_matches(['[', ']']).parse().ok());
    assert!(literal.is_none_or(is_public), "{url}");
    let status = status.parse().ok().and_then(|status| StatusCode::from_u16(status).ok());
    let next = fuzz_redirect(url.clone(), status.unwrap_or(StatusCode::FOUND), location.as_bytes());
    let Some((next, has_secret)) = next else { return };
    assert!(url.scheme() != "https" || next.scheme() != "http", "{url} to {next}");
    assert_eq!(has_secret, url.origin() == next.origin(), "{url} to {next}");
    assert!(next.fragment().is_none());
    assert!(!next.query_pairs().any(|(name, value)| name == "key" && value == "secret"), "{next}");
}
