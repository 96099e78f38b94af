//! Names and values, as in a query or a form.

use serde_json::Value;

use super::encode;
use crate::openapi::operation::Style;

/// A name and a value, both encoded.
pub(super) type Pair = (String, String);

/// Writes one value as pairs.
pub(super) fn write(
    name: &str,
    value: &Value,
    style: Style,
    explode: bool,
    allow_reserved: bool,
    pairs: &mut Vec<Pair>,
) {
    let encoded = |text: &str| encode::value(text, allow_reserved);
    let mut push = |name: &str, value: String| pairs.push((encode::name(name), value));
    let border = match style {
        Style::Json => return push(name, encoded(&value.to_string())),
        Style::DeepObject => return deep(name, value, pairs),
        Style::SpaceDelimited => "%20",
        Style::TabDelimited => "%09",
        Style::PipeDelimited => "%7C",
        Style::Simple | Style::Reserved | Style::Label | Style::Matrix | Style::Form => ",",
    };
    let is_apart = explode && matches!(style, Style::Form | Style::SpaceDelimited | Style::PipeDelimited);
    match value {
        Value::Array(items) if is_apart => {
            items.iter().for_each(|item| push(name, encoded(&encode::plain(item))));
        }
        // An empty list has no pairs of its own, and `name=` would be a list of one empty text.
        Value::Array(items) if items.is_empty() => {}
        Value::Array(items) => {
            let parts: Vec<_> = items.iter().map(|item| encoded(&encode::plain(item))).collect();
            push(name, parts.join(border));
        }
        Value::Object(members) if is_apart => {
            members.iter().for_each(|(key, value)| push(key, encoded(&encode::plain(value))));
        }
        Value::Object(members) => {
            let parts =
                members.iter().flat_map(|(key, value)| [encoded(key), encoded(&encode::plain(value))]);
            push(name, parts.collect::<Vec<_>>().join(border));
        }
        scalar => push(name, encoded(&encode::plain(scalar))),
    }
}

/// The pairs of [`members`], encoded.
pub(super) fn deep(name: &str, value: &Value, pairs: &mut Vec<Pair>) {
    let mut all = Vec::new();
    members(name, value, &mut all);
    pairs.extend(all.into_iter().map(|(name, value)| (encode::name(&name), encode::strict(&value))));
}

/// `name[key][inner]=value`, and `name[]=value` for a list of scalars. OpenAPI says nothing of lists and of what is deeper;
/// this is what most servers read.
pub(super) fn members(name: &str, value: &Value, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Object(all) => {
            all.iter().for_each(|(key, value)| members(&format!("{name}[{key}]"), value, pairs));
        }
        Value::Array(items) => {
            let is_flat = !items.iter().any(|item| item.is_object() || item.is_array());
            for (index, item) in items.iter().enumerate() {
                let name = if is_flat { format!("{name}[]") } else { format!("{name}[{index}]") };
                members(&name, item, pairs);
            }
        }
        scalar => pairs.push((name.to_owned(), encode::plain(scalar))),
    }
}
