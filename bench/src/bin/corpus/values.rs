//! Strings that fit a pattern, a format and a length.

use executor_bench::random::Random;
use regex_syntax::hir::{Class, Hir, HirKind};
use serde_json::{Map, Value};

/// The most characters that a pattern is stretched to.
const LONG: usize = 1024;

/// Texts that are hard to write into a request.
const HARD: [&str; 8] = ["plain", "with space", "a/b", "a&b=c", "100%", "q?x#y", "ünïcödé", "a+b,c;d|e\"f'"];

/// Texts that any place can carry, headers as well.
const EASY: [&str; 3] = ["plain", "with-dash", "a.b_c"];

/// A string for a schema.
pub(crate) fn string(schema: &Map<String, Value>, random: &mut Random, is_easy: bool) -> String {
    let text = |key: &str| schema.get(key).and_then(Value::as_str);
    let number = |key: &str| schema.get(key).and_then(Value::as_u64).map(|number| number as usize);
    if let Some(matching) = text("pattern").and_then(|pattern| matching(pattern, random, number("minLength")))
    {
        return matching;
    }
    let format = text("format").or_else(|| text("contentEncoding"));
    if let Some(formatted) = format.and_then(|format| formatted(format, random)) {
        return formatted.to_owned();
    }
    let from: &[&str] = if is_easy { &EASY } else { &HARD };
    let mut chosen = random.choose(from).copied().unwrap_or_default().to_owned();
    let (least, most) = (number("minLength").unwrap_or(0), number("maxLength").unwrap_or(usize::MAX));
    while chosen.chars().count() < least {
        chosen.push('x');
    }
    chosen.chars().take(most).collect()
}

fn formatted(format: &str, random: &mut Random) -> Option<&'static str> {
    let choices: &[&str] = match format {
        "date" => &["2026-02-28", "1999-12-31"],
        "date-time" | "google-datetime" | "datetime" => &["2026-02-28T12:30:45Z", "1999-12-31T23:59:59.123Z"],
        "time" => &["12:30:45Z"],
        "duration" => &["P1DT2H"],
        "google-duration" => &["3.5s"],
        "google-fieldmask" => &["name,displayName"],
        "uuid" | "guid" => &["0190b6a2-7f3c-7d31-9f0e-0123456789ab"],
        "email" => &["someone@example.com"],
        "uri" | "url" => &["https://example.com/a?b=c&d=e#f"],
        "hostname" => &["example.com"],
        "ipv4" | "ip" => &["192.0.2.1"],
        "ipv6" => &["2001:db8::1"],
        "byte" | "base64" => &["aGVsbG8="],
        "int64" | "uint64" | "int32" | "uint32" => &["12345678901", "7"],
        _ => return None,
    };
    random.choose(choices).copied()
}

/// A string that matches a regular expression, if it can be read.
fn matching(pattern: &str, random: &mut Random, least: Option<usize>) -> Option<String> {
    let parsed = regex_syntax::parse(pattern).ok()?;
    let mut text = String::new();
    write(&parsed, random, &mut text, least.unwrap_or(0).min(LONG));
    Some(text)
}

fn write(hir: &Hir, random: &mut Random, text: &mut String, wanted: usize) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(class) => text.extend(character(class)),
        HirKind::Capture(capture) => write(&capture.sub, random, text, wanted),
        HirKind::Concat(parts) => parts.iter().for_each(|part| write(part, random, text, wanted)),
        HirKind::Alternation(choices) => {
            if let Some(choice) = random.choose(choices) {
                write(choice, random, text, wanted);
            }
        }
        HirKind::Repetition(repetition) => {
            let (least, most) = (repetition.min, repetition.max.unwrap_or(u32::MAX));
            // One at least, where there may be one: an empty string is seldom what is meant.
            let mut times = least.max(1).min(most);
            let missing = wanted.saturating_sub(text.chars().count());
            times = times.max(missing as u32).min(most);
            for _ in 0..times {
                write(&repetition.sub, random, text, 0);
            }
        }
    }
}

/// A character of a class: a letter or digit if it has one, else one that can be seen.
fn character(class: &Class) -> Option<char> {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class.iter().map(|range| (range.start(), range.end())).collect(),
        Class::Bytes(class) => {
            class.iter().map(|range| (char::from(range.start()), char::from(range.end()))).collect()
        }
    };
    let has = |wanted: &char| ranges.iter().any(|(start, end)| (start..=end).contains(&wanted));
    let visible = ('a'..='z').chain('0'..='9').chain('A'..='Z').chain('!'..='~').find(has);
    visible.or_else(|| ranges.first().map(|(start, _)| *start))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn strings_fit_what_is_asked() {
        let of = |schema: Value| string(schema.as_object().unwrap(), &mut Random::new(1), false);
        assert_eq!(of(json!({"pattern": "^projects/[^/]+/x$"})), "projects/a/x");
        assert_eq!(of(json!({"pattern": "^[A-Z]{2,5}$", "minLength": 4})), "AAAA");
        assert_eq!(of(json!({"pattern": "^[a-z][a-z-]*$", "minLength": 36})).len(), 36);
        assert_eq!(of(json!({"format": "email"})), "someone@example.com");
        assert!(of(json!({"minLength": 30})).chars().count() >= 30);
        assert!(of(json!({"maxLength": 2})).chars().count() <= 2);
    }
}
