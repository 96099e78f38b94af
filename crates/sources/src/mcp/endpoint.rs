//! Where a server is: an address of the web, or a program on this machine.

use executor_core::{ErrorCode, Failure};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use url::Url;

/// What begins the address of a program.
const PROGRAM: &str = "stdio:";
/// The characters of a command line that would end or change the path of a URL.
const UNSAFE: &AsciiSet = &CONTROLS.add(b'%').add(b'?').add(b'#').add(b'\\');

/// Where a server is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Endpoint {
    /// Over HTTP.
    Web(Url),
    /// A program and its arguments, over its standard input and output.
    Program(Vec<String>),
}

impl Endpoint {
    /// Reads `https://…` or `stdio:<command line>`.
    pub(super) fn parse(text: &str) -> Result<Self, Failure> {
        let text = text.trim();
        let refuse = |message: String| Err(Failure::new(ErrorCode::SourceUnreachable, message));
        if let Some(line) = text.strip_prefix(PROGRAM) {
            return match shlex::split(line) {
                Some(words) if !words.is_empty() => Ok(Self::Program(words)),
                Some(_) => refuse("There is no command after `stdio:`.".to_owned()),
                None => {
                    refuse("The command after `stdio:` has a quotation mark without its other.".to_owned())
                }
            };
        }
        match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(Self::Web(url)),
            Ok(_) => refuse(format!("`{text}` is neither an http or https URL nor `stdio:` and a command.")),
            Err(error) => refuse(format!("This is not an address: {error}.")),
        }
    }

    /// The address as a URL, from which [`Endpoint::of_url`] makes the same again.
    pub(super) fn url_of(text: &str) -> Result<Url, Failure> {
        let text = text.trim();
        let broken =
            |error| Failure::new(ErrorCode::BaseUrlRequired, format!("`{text}` is no address: {error}."));
        match text.strip_prefix(PROGRAM) {
            Some(line) => {
                let line = utf8_percent_encode(line.trim(), UNSAFE);
                Url::parse(&format!("{PROGRAM}{line}")).map_err(broken)
            }
            None => Url::parse(text).map_err(broken),
        }
    }

    /// The same from the URL of a plan.
    pub(super) fn of_url(url: &Url) -> Result<Self, Failure> {
        Self::parse(&Self::text_of(url))
    }

    /// The address as a person writes it.
    pub(super) fn text_of(url: &Url) -> String {
        match url.scheme() {
            "stdio" => format!("{PROGRAM}{}", percent_decode_str(url.path()).decode_utf8_lossy()),
            _ => url.to_string(),
        }
    }
}
