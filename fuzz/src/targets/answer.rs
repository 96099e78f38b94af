//! What an API answers: two lines of headers, and a body.

use executor_core::ToolPath;
use executor_egress::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Url};
use executor_sources::{Payload, Performed, fuzz_answer};

use super::first_line;
use crate::{Target, nested};

pub(super) const TARGET: Target = Target { name: "answer", run, deep };

fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (status, rest) = first_line(&text);
    let (content_type, rest) = first_line(rest);
    let (disposition, body) = first_line(rest);
    let mut headers = HeaderMap::new();
    for (name, value) in [("content-type", content_type), ("content-disposition", disposition)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    let status = status.parse().ok().and_then(|status| StatusCode::from_u16(status).ok());
    let response = Response {
        status: status.unwrap_or(StatusCode::OK),
        headers,
        body: body.as_bytes().to_vec().into(),
        final_url: Url::parse("https://api.test/files/a%2Fb").expect("a URL"),
    };
    let path = ToolPath::new("api", "files.get").expect("a path");
    if let Performed::Completed(answer) = fuzz_answer(&path, response)
        && let Payload::Binary { name, .. } = answer.payload
    {
        assert!(!name.is_empty() && !name.contains(['/', '\\', '\0']), "{name:?}");
    }
}

fn deep() -> Vec<Vec<u8>> {
    let answers = nested::json()
        .into_iter()
        .flat_map(|body| ["200", "500"].map(|status| format!("{status}\napplication/json\n\n{body}")));
    nested::seeds(answers)
}
