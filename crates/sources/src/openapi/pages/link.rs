//! Links to a next page: the `Link` header (RFC 8288), and addresses in a body.

use url::Url;

use super::{Cursor, Request};

/// The target of `rel="next"` in a `Link` header.
pub(super) fn in_header(header: &str) -> Option<&str> {
    let mut rest = header;
    loop {
        let (_, after) = rest.split_once('<')?;
        let (target, after) = after.split_once('>')?;
        // The parameters of a link end where the next link begins.
        let end = after.find(",<").or_else(|| after.find(", <")).unwrap_or(after.len());
        let (parameters, others) = after.split_at(end);
        if parameters.split(';').any(is_next) {
            return Some(target);
        }
        rest = others;
    }
}

fn is_next(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return false };
    let value = value.trim().trim_end_matches(',').trim_matches('"');
    name.trim().eq_ignore_ascii_case("rel")
        && value.split_whitespace().any(|one| one.eq_ignore_ascii_case("next"))
}

/// The query of a link that leads to the same path of the same origin.
pub(super) fn cursor(request: &Request<'_>, target: &str) -> Option<Cursor> {
    let link = request.url.join(target).ok()?;
    let is_same = same_place(&link, &request.url);
    let query = link.query_pairs().into_owned().filter(|(name, _)| !request.secrets.contains(name));
    is_same.then(|| Cursor { query: query.collect() }).filter(|cursor| !cursor.query.is_empty())
}

/// Servers behind a proxy often write `http` into the links that they give out.
fn same_place(link: &Url, request: &Url) -> bool {
    link.host() == request.host() && link.path().trim_end_matches('/') == request.path().trim_end_matches('/')
}
