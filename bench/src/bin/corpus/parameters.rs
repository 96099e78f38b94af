//! Whether path, query, headers and cookies carry what they should, by the document's own words.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::mock::Arrived;
use crate::operations::{Dialect, Operation};

/// What is wrong, as a sentence.
pub(crate) type Wrong = String;

/// The arguments of a call, by where in the request they go: `query`, and the API's name for it.
pub(crate) struct Given<'a> {
    pub(crate) arguments: &'a Map<String, Value>,
    /// By argument, what the source says of its place.
    pub(crate) places: &'a std::collections::BTreeMap<String, String>,
}

impl<'a> Given<'a> {
    fn value(&self, place: &str, name: &str) -> Option<&'a Value> {
        let wanted = format!("{place} `{name}`");
        let (argument, _) = self.places.iter().find(|(_, place)| **place == wanted)?;
        self.arguments.get(argument).filter(|value| !value.is_null())
    }
}

/// How a document writes a parameter.
struct Style {
    name: &'static str,
    explode: bool,
    is_json: bool,
}

impl Style {
    fn of(operation: &Operation<'_>, parameter: &Value, place: &str) -> Self {
        let text = |key: &str| parameter.get(key).and_then(Value::as_str);
        let flag = |key: &str| parameter.get(key).and_then(Value::as_bool);
        let plain = |name, explode| Self { name, explode, is_json: false };
        match operation.dialect {
            Dialect::Discovery => plain(if place == "path" { "simple" } else { "form" }, true),
            Dialect::Swagger => match text("collectionFormat") {
                Some("ssv") => plain("spaceDelimited", false),
                Some("tsv") => plain("tabDelimited", false),
                Some("pipes") => plain("pipeDelimited", false),
                Some("multi") => plain("form", true),
                _ => plain("form", false),
            },
            _ => {
                let usual = if matches!(place, "path" | "header") { "simple" } else { "form" };
                let known =
                    ["simple", "form", "label", "matrix", "spaceDelimited", "pipeDelimited", "deepObject"];
                let name = text("style").and_then(|style| known.into_iter().find(|known| *known == style));
                let name = name.unwrap_or(usual);
                Self {
                    name,
                    explode: flag("explode").unwrap_or(name == "form"),
                    is_json: parameter.get("content").is_some(),
                }
            }
        }
    }
}

/// A scalar as text.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

pub(crate) fn decoded(text: &str) -> Result<String, Wrong> {
    let decoded = percent_decode_str(text).decode_utf8().map(Cow::into_owned);
    decoded.map_err(|_| format!("`{text}` is not UTF-8."))
}

/// The path, after the base URL's. `template` is the document's, or that for files.
pub(crate) fn path(
    operation: &Operation<'_>,
    template: &str,
    path: &str,
    given: &Given<'_>,
) -> Result<(), Wrong> {
    let template = template.split(['?', '#']).next().unwrap_or_default().trim_start_matches('/');
    let parameters = operation.parameters();
    let mut expected = Vec::new();
    for part in template.split('/') {
        let (filled, keeps_slashes) = fill(operation, part, &parameters, given)?;
        match keeps_slashes {
            true => expected.extend(filled.split('/').map(str::to_owned)),
            false => expected.push(filled),
        }
    }
    let actual = path.trim_start_matches('/').split('/').map(decoded).collect::<Result<Vec<_>, _>>()?;
    if actual == expected {
        Ok(())
    } else {
        Err(format!("The path is `{path}`, not `{}`.", expected.join("/")))
    }
}

/// A part of a template with its placeholders filled, and whether slashes in it are borders.
fn fill(
    operation: &Operation<'_>,
    part: &str,
    parameters: &[Cow<'_, Value>],
    given: &Given<'_>,
) -> Result<(String, bool), Wrong> {
    let (mut filled, mut rest, mut keeps_slashes) = (String::new(), part, false);
    while let Some((before, after)) = rest.split_once('{') {
        let Some((inside, tail)) = after.split_once('}') else { break };
        let name = inside.strip_prefix('+').filter(|_| operation.dialect == Dialect::Discovery);
        keeps_slashes |= name.is_some();
        let name = name.unwrap_or(inside);
        let value =
            given.value("path", name).ok_or_else(|| format!("Nothing fills `{name}` of the path."))?;
        let declared = parameters.iter().find(|one| one["name"] == name && one["in"] == "path");
        let style = declared.map(|one| Style::of(operation, one, "path"));
        filled += &decoded(before)?;
        filled += &match style {
            Some(Style { is_json: true, .. }) => value.to_string(),
            Some(Style { name: "label", .. }) => format!(".{}", joined(value, ".", false)),
            Some(Style { name: "matrix", .. }) => format!(";{name}={}", joined(value, ",", false)),
            Some(Style { explode, .. }) => joined(value, ",", explode),
            None => joined(value, ",", false),
        };
        rest = tail;
    }
    Ok((filled + &decoded(rest)?, keeps_slashes))
}

/// A value as one text, a list or an object with borders.
fn joined(value: &Value, border: &str, explode: bool) -> String {
    let parts: Vec<String> = match value {
        Value::Array(items) => items.iter().map(text).collect(),
        Value::Object(members) if explode => {
            members.iter().map(|(name, value)| format!("{name}={}", text(value))).collect()
        }
        Value::Object(members) => {
            members.iter().flat_map(|(name, value)| [name.clone(), text(value)]).collect()
        }
        scalar => vec![text(scalar)],
    };
    parts.join(border)
}

/// The query: each parameter that is given or required is there and reads back, and nothing else is.
pub(crate) fn query(operation: &Operation<'_>, query: &str, given: &Given<'_>) -> Result<(), Wrong> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let mut left: Vec<(String, &str)> =
        pairs.map(|(name, value)| Ok((decoded(name)?, value))).collect::<Result<_, Wrong>>()?;
    for parameter in operation.parameters().iter().filter(|one| one["in"] == "query") {
        let name = parameter["name"].as_str().unwrap_or_default();
        match given.value("query", name) {
            Some(value) => read_back(&Style::of(operation, parameter, "query"), name, value, &mut left)?,
            None if parameter["required"] == true => return Err(format!("The query lacks `{name}`.")),
            None => {}
        }
    }
    let own = operation.path.split_once('?').map_or("", |(_, own)| own);
    let is_own = |name: &str| own.split('&').any(|pair| pair.split('=').next() == Some(name));
    match left.iter().find(|(name, _)| !is_own(name)) {
        Some((name, _)) => Err(format!("The query's `{name}` is not accounted for.")),
        None => Ok(()),
    }
}

fn read_back(style: &Style, name: &str, value: &Value, left: &mut Vec<(String, &str)>) -> Result<(), Wrong> {
    let wrong = |found: &dyn std::fmt::Debug| {
        format!("The query's `{name}` reads back as `{found:?}`, not as `{value}`.")
    };
    let mut take = |wanted: &dyn Fn(&str) -> bool| {
        let (taken, kept): (Vec<_>, Vec<_>) = left.drain(..).partition(|(name, _)| wanted(name));
        *left = kept;
        taken
    };
    if style.is_json {
        let taken = take(&|other| other == name);
        let read = taken.first().and_then(|(_, raw)| serde_json::from_str::<Value>(&decoded(raw).ok()?).ok());
        return if read.as_ref() == Some(value) { Ok(()) } else { Err(wrong(&taken)) };
    }
    let border = match style.name {
        "spaceDelimited" => "%20",
        "pipeDelimited" => "%7C",
        "tabDelimited" => "%09",
        _ => ",",
    };
    let plain = |raw: &str| raw.split(border).map(decoded).collect::<Result<Vec<_>, _>>();
    match value {
        Value::Object(members) if style.name == "deepObject" => {
            let taken = take(&|other| other.strip_prefix(name).is_some_and(|rest| rest.starts_with('[')));
            for (key, value) in members.iter().filter(|(_, value)| !value.is_object() && !value.is_array()) {
                let found = taken.iter().find(|(other, _)| *other == format!("{name}[{key}]"));
                if found.map(|(_, raw)| decoded(raw)).transpose()? != Some(text(value)) {
                    return Err(wrong(&taken));
                }
            }
            Ok(())
        }
        Value::Object(members) if style.explode => {
            let taken = take(&|other| members.contains_key(other));
            let read = taken.iter().map(|(name, raw)| Ok((name.clone(), decoded(raw)?)));
            let read = read.collect::<Result<Vec<_>, Wrong>>()?;
            let expected: Vec<_> = members.iter().map(|(name, value)| (name.clone(), text(value))).collect();
            if read == expected { Ok(()) } else { Err(wrong(&read)) }
        }
        Value::Array(items) if style.explode || style.name == "deepObject" => {
            let taken = take(&|other| {
                other == name || other.strip_prefix(name).is_some_and(|rest| rest.starts_with('['))
            });
            let read = taken.iter().map(|(_, raw)| decoded(raw)).collect::<Result<Vec<_>, _>>()?;
            let is_flat = !items.iter().any(|item| item.is_object() || item.is_array());
            let expected: Vec<_> = items.iter().map(text).collect();
            if !is_flat || read == expected { Ok(()) } else { Err(wrong(&read)) }
        }
        Value::Array(_) | Value::Object(_) => {
            let taken = take(&|other| other == name);
            let expected: Vec<String> = match value {
                Value::Array(items) => items.iter().map(text).collect(),
                Value::Object(members) => {
                    members.iter().flat_map(|(name, value)| [name.clone(), text(value)]).collect()
                }
                _ => Vec::new(),
            };
            let read = taken.first().map(|(_, raw)| plain(raw)).transpose()?.unwrap_or_default();
            if read == expected && taken.len() <= 1 { Ok(()) } else { Err(wrong(&read)) }
        }
        scalar => {
            let taken = take(&|other| other == name);
            let read = taken.iter().map(|(_, raw)| decoded(raw)).collect::<Result<Vec<_>, _>>()?;
            if read == [text(scalar)] { Ok(()) } else { Err(wrong(&read)) }
        }
    }
}

/// The headers and cookies.
pub(crate) fn headers(operation: &Operation<'_>, arrived: &Arrived, given: &Given<'_>) -> Result<(), Wrong> {
    // The connection's, the body's and the credential's; OpenAPI says to ignore the declarations of some.
    const ELSEWHERE: [&str; 7] =
        ["accept", "content-type", "authorization", "host", "content-length", "user-agent", "cookie"];
    let header = |name: &str| {
        arrived.headers.iter().find(|(other, _)| *other == name).map(|(_, value)| value.as_str())
    };
    for parameter in operation.parameters().iter() {
        let (Some(name), Some(place @ ("header" | "cookie"))) =
            (parameter["name"].as_str(), parameter["in"].as_str())
        else {
            continue;
        };
        let lower = name.to_ascii_lowercase();
        if place == "header" && ELSEWHERE.contains(&lower.as_str()) {
            continue;
        }
        let found = match place {
            "header" => header(&lower).map(str::to_owned),
            _ => cookie(header("cookie").unwrap_or_default(), name)?,
        };
        let is_required = parameter["required"] == true && lower != "idempotency-key";
        match (given.value(place, name), found) {
            (Some(value), Some(found)) => {
                let style = Style::of(operation, parameter, place);
                let expected =
                    if style.is_json { value.to_string() } else { joined(value, ",", style.explode) };
                if found != expected.trim() {
                    return Err(format!("The {place} `{name}` is `{found}`, not `{expected}`."));
                }
            }
            (Some(_), None) => return Err(format!("The {place} `{name}` is not sent.")),
            (None, _) if is_required => {
                return Err(format!("The {place} `{name}` is required and not sent."));
            }
            (None, _) => {}
        }
    }
    Ok(())
}

fn cookie(all: &str, name: &str) -> Result<Option<String>, Wrong> {
    let pairs = all.split(';').filter_map(|pair| pair.trim().split_once('='));
    for (key, value) in pairs {
        if decoded(key)? == name {
            return value
                .split(',')
                .map(decoded)
                .collect::<Result<Vec<_>, _>>()
                .map(|parts| Some(parts.join(",")));
        }
    }
    Ok(None)
}
