//! From texts to typed values. A parser says yes or no; what was expected stands in the declaration.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use secrecy::SecretString;
use url::Url;

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// What becomes of code that does not fit the tools that it uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeCheck {
    /// Nobody looks.
    Off,
    /// It runs, and the answer warns.
    Warn,
    /// It is refused.
    Strict,
}

/// A value without which there is no configuration.
pub(crate) fn required<T>(parse: impl Fn(&str) -> Option<T>) -> impl Fn(Option<&str>) -> Option<T> {
    move |text| parse(text?)
}

/// A value that may be absent.
pub(crate) fn optional<T>(parse: impl Fn(&str) -> Option<T>) -> impl Fn(Option<&str>) -> Option<Option<T>> {
    move |text| text.map_or(Some(None), |text| parse(text).map(Some))
}

/// Values between commas.
pub(crate) fn list<T>(parse: impl Fn(&str) -> Option<T>) -> impl Fn(Option<&str>) -> Option<Vec<T>> {
    move |text| {
        let parts = text.unwrap_or_default().split(',').map(str::trim);
        parts.filter(|part| !part.is_empty()).map(&parse).collect()
    }
}

pub(crate) fn any<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

pub(crate) fn within<T: FromStr + PartialOrd>(range: RangeInclusive<T>) -> impl Fn(&str) -> Option<T> {
    move |text| text.parse().ok().filter(|number| range.contains(number))
}

/// `1` and `true`, `0` and `false`.
pub(crate) fn switch(text: &str) -> Option<bool> {
    match text {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}

/// `true` alone opens. What clearly means no is taken as no; everything else is a mistake worth hearing of.
pub(crate) fn only_true(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

pub(crate) fn secret(text: &str) -> Option<SecretString> {
    Some(text.into())
}

/// A key-encryption key: long, and without what separates keys in a list.
pub(crate) fn secret_key(text: &str) -> Option<SecretString> {
    let is_plain = !text.contains(|character: char| character == ',' || character.is_whitespace());
    (is_plain && text.chars().count() >= 32).then(|| text.into())
}

/// An origin: scheme, host and port, and nothing behind them.
pub(crate) fn origin(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_bare = matches!(url.scheme(), "http" | "https")
        && matches!(url.path(), "" | "/")
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    is_bare.then_some(url)
}

/// A folder as a path or a `file` URL; object stores are not served yet.
pub(crate) fn folder(text: &str) -> Option<PathBuf> {
    match text.split_once("://") {
        None => Some(text.into()),
        Some(("file", _)) => Url::parse(text).ok()?.to_file_path().ok(),
        Some(_) => None,
    }
}

/// Lower-case letters, digits and single hyphens between them.
pub(crate) fn slug(text: &str) -> Option<String> {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    (text.len() <= 63 && text.split('-').all(is_word)).then(|| text.to_owned())
}

pub(crate) fn type_check(text: &str) -> Option<TypeCheck> {
    match text {
        "off" => Some(TypeCheck::Off),
        "warn" => Some(TypeCheck::Warn),
        "strict" => Some(TypeCheck::Strict),
        _ => None,
    }
}

pub(crate) fn log_format(text: &str) -> Option<LogFormat> {
    match text {
        "human" => Some(LogFormat::Human),
        "json" => Some(LogFormat::Json),
        _ => None,
    }
}
