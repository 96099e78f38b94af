//! An argument that is a file: one that an earlier call gave, `{name, mimeType, size, blob}`; text; or an object with
//! `text` or `base64`, and with a `name` and a `mimeType` if they matter.
//!
//! Planning is pure: a stored file stays its digest here, and whoever sends the plan puts its content there.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose};
use executor_egress::HeaderValue;
use serde_json::{Map, Value};

use super::{Refusal, encode};
use crate::body::{Piece, StoredFile};

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

const HOW: &str = "Give the file that a call gave, text, or `{name?, mimeType?, base64}`.";

/// A file to send.
pub(crate) struct File {
    /// Its content.
    pub(crate) content: Piece,
    pub(crate) name: Option<String>,
    pub(crate) mime_type: Option<String>,
    /// Whether it was given as text.
    is_text: bool,
}

/// Reads the file that an argument is.
pub(crate) fn read(argument: &str, value: &Value) -> Result<File, Refusal> {
    let Value::Object(given) = value else {
        return match value {
            Value::Array(_) | Value::Null => Err(format!("`{argument}` is no file. {HOW}")),
            scalar => Ok(File::of_text(encode::plain(scalar))),
        };
    };
    let text = |name: &str| given.get(name).and_then(Value::as_str);
    let file = match (text("blob"), text("base64"), text("text")) {
        (Some(blob), None, None) => File::of_content(stored(argument, blob, given)?),
        (None, Some(encoded), None) => File::of_content(decode(argument, encoded)?.into()),
        (None, None, Some(text)) => File::of_text(text.to_owned()),
        _ => return Err(format!("`{argument}` is no file. {HOW}")),
    };
    Ok(File { name: text("name").map(str::to_owned), mime_type: mime_type(argument, given)?, ..file })
}

impl File {
    fn of_content(content: Piece) -> Self {
        Self { content, name: None, mime_type: None, is_text: false }
    }

    fn of_text(text: String) -> Self {
        Self { is_text: true, ..Self::of_content(text.into_bytes().into()) }
    }

    /// What it is, where neither it nor the document says more.
    pub(crate) fn usual_type(&self) -> &'static str {
        if self.is_text { "text/plain; charset=utf-8" } else { "application/octet-stream" }
    }

    /// The content as it is sent.
    pub(crate) fn written(self, as_base64: bool) -> Piece {
        match self.content {
            Piece::Bytes(bytes) if as_base64 => general_purpose::STANDARD.encode(bytes).into_bytes().into(),
            Piece::Stored(file) => Piece::Stored(StoredFile { base64: as_base64, ..file }),
            bytes => bytes,
        }
    }
}

fn stored(argument: &str, blob: &str, given: &Map<String, Value>) -> Result<Piece, Refusal> {
    let blob = blob.parse().map_err(|_| format!("The `blob` of `{argument}` is none that a call gave."))?;
    let size = match given.get("size") {
        None | Some(Value::Null) => None,
        Some(size) => Some(size.as_u64().ok_or_else(|| format!("The `size` of `{argument}` is not one."))?),
    };
    Ok(Piece::Stored(StoredFile { argument: argument.to_owned(), blob, size, base64: false }))
}

/// What the argument says that the file is. It becomes a header, so it is one or is refused.
fn mime_type(argument: &str, given: &Map<String, Value>) -> Result<Option<String>, Refusal> {
    let Some(stated) = given.get("mimeType").and_then(Value::as_str).map(str::trim) else { return Ok(None) };
    match stated.contains('/') && stated.is_ascii() && HeaderValue::from_str(stated).is_ok() {
        true => Ok(Some(stated.to_owned())),
        false => Err(format!("The `mimeType` of `{argument}` is not a media type.")),
    }
}

/// Both alphabets, with line breaks and with or without the padding.
fn decode(argument: &str, encoded: &str) -> Result<Vec<u8>, Refusal> {
    let encoded: Vec<u8> = encoded.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let decoded = STANDARD.decode(&encoded).or_else(|_| URL_SAFE.decode(&encoded));
    decoded.map_err(|_| format!("The `base64` of `{argument}` is not base64."))
}
