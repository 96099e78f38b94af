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
    /// Over the standard input and output of a program.
    Program(Command),
}

/// A program, as a shell would read it: `NAME=value` before it sets a variable, and `NAME=` alone is one that a
/// connection fills.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Command {
    /// Variables that are set.
    pub(super) variables: Vec<(String, String)>,
    /// Variables that a connection sets.
    pub(super) secrets: Vec<String>,
    pub(super) program: String,
    pub(super) arguments: Vec<String>,
}

impl Command {
    fn of(words: Vec<String>) -> Option<Self> {
        let (mut variables, mut secrets) = (Vec::new(), Vec::new());
        let mut words = words.into_iter();
        let program = loop {
            let word = words.next()?;
            match word.split_once('=') {
                Some((name, "")) if is_variable(name) => secrets.push(name.to_owned()),
                Some((name, value)) if is_variable(name) => {
                    variables.push((name.to_owned(), value.to_owned()))
                }
                _ => break word,
            }
        };
        Some(Self { variables, secrets, program, arguments: words.collect() })
    }
}

fn is_variable(name: &str) -> bool {
    !name.starts_with(|first: char| first.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl Endpoint {
    /// Reads `https://…` or `stdio:<command line>`.
    pub(super) fn parse(text: &str) -> Result<Self, Failure> {
        let text = text.trim();
        let refuse = |message: String| Err(Failure::new(ErrorCode::SourceUnreachable, message));
        if let Some(line) = text.strip_prefix(PROGRAM) {
            let Some(words) = shlex::split(line) else {
                return refuse(
                    "The command after `stdio:` has a quotation mark without its other.".to_owned(),
                );
            };
            return match Command::of(words) {
                Some(command) => Ok(Self::Program(command)),
                None => refuse("There is no command after `stdio:`.".to_owned()),
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
                let line = utf8_percent_encode(line.trim(), UNSAFE).to_string();
                // A path that begins with a slash would be tidied up: `/a/../b` is another program than `/b` may be.
                let line = line.strip_prefix('/').map_or(line.clone(), |rest| format!("%2F{rest}"));
                Url::parse(&format!("{PROGRAM}{line}")).map_err(broken)
            }
            None => Url::parse(text).map_err(broken),
        }
    }

    /// The address in its normal form: the same for all spellings of a URL.
    pub(super) fn normal(text: &str) -> Result<String, Failure> {
        Self::url_of(text).map(|url| Self::text_of(&url))
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
