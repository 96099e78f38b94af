//! An argument that is a file.
//!
//! Planning is pure, so the content has to be in the argument: text, or an object with `base64` or `text`, and with a
//! `name` and a `mimeType` if they matter. A stored file, `{name, mimeType, size, blob}`, is not read from here: whoever
//! takes one from a caller puts `base64` into the place of `blob` before the call is planned, and what is planned and
//! approved is then the content itself. A `blob` that is still there is refused.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use executor_egress::HeaderValue;
use serde_json::{Map, Value};

use super::{Refusal, encode};

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

const HOW: &str = "Give text, or `{name?, mimeType?, base64}`.";

/// A file to send.
pub(super) struct File {
    pub(super) bytes: Vec<u8>,
    pub(super) name: Option<String>,
    pub(super) mime_type: Option<String>,
    /// Whether it was given as text.
    pub(super) is_text: bool,
}

/// Reads the file that an argument is.
pub(super) fn read(argument: &str, value: &Value) -> Result<File, Refusal> {
    let Value::Object(given) = value else {
        return match value {
            Value::Array(_) | Value::Null => Err(format!("`{argument}` is no file. {HOW}")),
            scalar => Ok(File::of_text(encode::plain(scalar))),
        };
    };
    let text = |name: &str| given.get(name).and_then(Value::as_str);
    let file = match (text("base64"), text("text")) {
        (Some(encoded), None) => File { bytes: decode(argument, encoded)?, is_text: false, ..File::empty() },
        (None, Some(text)) => File::of_text(text.to_owned()),
        _ if given.contains_key("blob") => {
            return Err(format!("`{argument}` is a stored file, whose content is not at hand. {HOW}"));
        }
        _ => return Err(format!("`{argument}` is no file. {HOW}")),
    };
    Ok(File { name: text("name").map(str::to_owned), mime_type: mime_type(argument, given)?, ..file })
}

impl File {
    fn empty() -> Self {
        Self { bytes: Vec::new(), name: None, mime_type: None, is_text: true }
    }

    fn of_text(text: String) -> Self {
        Self { bytes: text.into_bytes(), ..Self::empty() }
    }
}

/// What the argument says that the file is. It becomes a header, so it is one or is refused.
fn mime_type(argument: &str, given: &Map<String, Value>) -> Result<Option<String>, Refusal> {
    let Some(stated) = given.get("mimeType").and_then(Value::as_str) else { return Ok(None) };
    match stated.contains('/') && HeaderValue::from_str(stated).is_ok() {
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
