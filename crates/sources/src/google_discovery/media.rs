//! Sending a file: alone, or after the members of the resource that it belongs to.

use bytes::{BufMut as _, Bytes, BytesMut};
use executor_core::Digest;

use super::file::File;
use crate::plan::{Body, Plan};

/// Makes a planned request one that sends the file too.
pub(super) fn attach(plan: &mut Plan, file: File) {
    let (kind, body) = match plan.body.take() {
        Some(resource) => ("multipart", related(&resource, &file)),
        None => ("media", Body { content_type: file.mime_type, bytes: file.bytes }),
    };
    plan.body = Some(body);
    plan.url.query_pairs_mut().append_pair("uploadType", kind);
}

/// Both, as `multipart/related` (RFC 2387). The border is made of what it parts: the same call is the same request.
fn related(resource: &Body, file: &File) -> Body {
    let content = [resource.bytes.as_ref(), file.mime_type.as_bytes(), file.bytes.as_ref()].concat();
    let border = format!("part-{}", Digest::of(&content));
    let mut bytes = BytesMut::with_capacity(content.len() + 512);
    let parts = [(resource.content_type.as_str(), &resource.bytes), (file.mime_type.as_str(), &file.bytes)];
    for (content_type, part) in parts {
        bytes.put_slice(format!("--{border}\r\nContent-Type: {content_type}\r\n\r\n").as_bytes());
        bytes.put_slice(part);
        bytes.put_slice(b"\r\n");
    }
    bytes.put_slice(format!("--{border}--\r\n").as_bytes());
    Body { content_type: format!("multipart/related; boundary={border}"), bytes: Bytes::from(bytes) }
}
