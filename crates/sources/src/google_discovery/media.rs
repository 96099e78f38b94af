//! Sending a file: alone, or after the members of the resource that it belongs to.

use executor_core::Digest;

use crate::body::{Body, Piece};
use crate::openapi::plan::file::File;
use crate::plan::Plan;

/// Makes a planned request one that sends the file too.
pub(super) fn attach(plan: &mut Plan, mut file: File) {
    let mime_type = file.mime_type.take().unwrap_or_else(|| file.usual_type().to_owned());
    let content = file.written(false);
    let (kind, body) = match plan.body.take() {
        Some(resource) => ("multipart", related(resource, mime_type, content)),
        None => ("media", Body { content_type: mime_type, pieces: vec![content] }),
    };
    plan.body = Some(body);
    plan.url.query_pairs_mut().append_pair("uploadType", kind);
}

/// Both, as `multipart/related` (RFC 2387). The border is made of what it parts: the same call is the same request.
fn related(resource: Body, mime_type: String, content: Piece) -> Body {
    let parts = [(resource.content_type, resource.pieces), (mime_type, vec![content])];
    let digests = parts.iter().flat_map(|(_, pieces)| pieces).map(Piece::digest);
    let digests: Vec<u8> = digests.flat_map(|digest| digest.as_bytes().to_vec()).collect();
    let border = format!("part-{}", Digest::of(&[parts[1].0.as_bytes(), &digests].concat()));
    let text = |text: String| Piece::from(text.into_bytes());
    let mut pieces = Vec::new();
    for (content_type, part) in parts {
        pieces.push(text(format!("--{border}\r\nContent-Type: {content_type}\r\n\r\n")));
        pieces.extend(part);
        pieces.push(text("\r\n".to_owned()));
    }
    pieces.push(text(format!("--{border}--\r\n")));
    Body::joined(format!("multipart/related; boundary={border}"), pieces)
}
