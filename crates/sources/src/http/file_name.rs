//! The name of a file that an API sends.

use executor_egress::HeaderMap;
use percent_encoding::percent_decode_str;
use url::Url;

/// The name that the headers give, else the last part of the URL. Never a path, and never empty.
pub(super) fn of(headers: &HeaderMap, url: &Url) -> String {
    let disposition = headers.get("content-disposition").and_then(|value| value.to_str().ok());
    let stated = disposition.and_then(stated);
    let last = || {
        let segment = url.path_segments()?.next_back()?.to_owned();
        Some(percent_decode_str(&segment).decode_utf8_lossy().into_owned())
    };
    stated.and_then(|name| safe(&name)).or_else(|| safe(&last()?)).unwrap_or_else(|| "file".to_owned())
}

/// The name in `attachment; filename="a.pdf"`, of which the form `filename*=UTF-8''…` is the better one.
fn stated(disposition: &str) -> Option<String> {
    let mut name = None;
    for parameter in disposition.split(';').skip(1) {
        let Some((key, value)) = parameter.split_once('=') else { continue };
        let value = value.trim().trim_matches('"');
        match key.trim().to_ascii_lowercase().as_str() {
            "filename*" => {
                let encoded = value.splitn(3, '\'').nth(2)?;
                return Some(percent_decode_str(encoded).decode_utf8_lossy().into_owned());
            }
            "filename" => name = Some(value.to_owned()),
            _ => {}
        }
    }
    name
}

fn safe(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|character| !character.is_control()).take(200).collect();
    let kept = kept.trim();
    (!kept.is_empty() && kept != "." && kept != "..").then(|| kept.to_owned())
}
