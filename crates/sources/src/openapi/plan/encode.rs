//! Values as text, and the characters that a place allows.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// All but letters, digits, `-`, `.`, `_` and `~`.
const STRICT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What may stay in a query's value that may hold reserved characters. `&`, `=`, `+` and `#` would end or change it.
const RESERVED: &AsciiSet = &STRICT
    .remove(b':')
    .remove(b'/')
    .remove(b'?')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b',')
    .remove(b';');

/// What may stay in a query's name.
const NAME: &AsciiSet = &STRICT.remove(b'$').remove(b':').remove(b'@');

/// What may stay in the path as the document writes it.
const TEMPLATE: &AsciiSet = &RESERVED.remove(b'&').remove(b'=').remove(b'+').remove(b'%').add(b'?');

pub(super) fn strict(text: &str) -> String {
    utf8_percent_encode(text, STRICT).to_string()
}

/// Several segments of a path: slashes stay.
pub(super) fn segments(text: &str) -> String {
    text.split('/').map(strict).collect::<Vec<_>>().join("/")
}

pub(super) fn name(text: &str) -> String {
    utf8_percent_encode(text, NAME).to_string()
}

pub(super) fn template(text: &str) -> String {
    utf8_percent_encode(text, TEMPLATE).to_string()
}

/// A value of a query, in which reserved characters may be allowed.
pub(super) fn value(text: &str, allow_reserved: bool) -> String {
    utf8_percent_encode(text, if allow_reserved { RESERVED } else { STRICT }).to_string()
}

/// A value as text: a string is itself, anything else its JSON.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The style `simple`: `a,b` for a list, `k,v` or `k=v` for an object. Each part passes through `encode`.
pub(super) fn simple(value: &Value, explode: bool, encode: &dyn Fn(&str) -> String) -> String {
    match value {
        Value::Array(items) => items.iter().map(|item| encode(&plain(item))).collect::<Vec<_>>().join(","),
        Value::Object(members) => {
            let border = if explode { '=' } else { ',' };
            let pairs = members
                .iter()
                .map(|(key, value)| format!("{}{border}{}", encode(key), encode(&plain(value))));
            pairs.collect::<Vec<_>>().join(",")
        }
        other => encode(&plain(other)),
    }
}

/// The style `label`: `.a,b`, or `.a.b` and `.k=v` if exploded.
pub(super) fn label(value: &Value, explode: bool) -> String {
    let parts = parts(value, explode);
    parts.iter().map(|part| format!(".{part}")).collect()
}

/// The style `matrix`: `;name=a,b`, or `;name=a;name=b` and `;k=v` if exploded.
pub(super) fn matrix(name: &str, value: &Value, explode: bool) -> String {
    let has_own_names = explode && value.is_object();
    let name = if has_own_names { String::new() } else { format!("{}=", strict(name)) };
    parts(value, explode).iter().map(|part| format!(";{name}{part}")).collect()
}

/// What is written by itself: each item or member if exploded, else all of the value at once.
fn parts(value: &Value, explode: bool) -> Vec<String> {
    match value {
        Value::Array(items) if explode => items.iter().map(|item| strict(&plain(item))).collect(),
        Value::Object(members) if explode => {
            members.iter().map(|(key, value)| format!("{}={}", strict(key), strict(&plain(value)))).collect()
        }
        value => vec![simple(value, false, &strict)],
    }
}
