//! What commands print: JSON for programs, tables and sentences for people.
#![expect(clippy::print_stdout, reason = "this is where commands print")]

use serde_json::Value;

/// Prints JSON.
pub(crate) fn json(value: &Value) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

/// Prints text as it is.
pub(crate) fn text(text: impl std::fmt::Display) {
    println!("{text}");
}

/// Prints a list: JSON for programs; for people a table, or what to do if there is nothing.
pub(crate) fn list(
    items: &[Value],
    as_json: bool,
    header: &[&str],
    row: impl Fn(&Value) -> Vec<String>,
    empty: &str,
) -> anyhow::Result<()> {
    if as_json {
        return json(&serde_json::json!({ "items": items }));
    }
    if items.is_empty() {
        println!("{empty}");
        return Ok(());
    }
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_header(header);
    items.iter().for_each(|item| {
        table.add_row(row(item));
    });
    println!("{table}");
    Ok(())
}

/// A member of an object as text; nothing if it is not there.
pub(crate) fn member(item: &Value, name: &str) -> String {
    match &item[name] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A moment as people say it.
pub(crate) fn ago(item: &Value, name: &str) -> String {
    use executor_core::{Clock, clock::SystemClock};
    let Some(at) = item[name].as_i64() else { return String::new() };
    let seconds = SystemClock.now().as_millis().saturating_sub(at).max(0) / 1000;
    match seconds {
        0..60 => format!("{seconds} s ago"),
        60..3_600 => format!("{} min ago", seconds / 60),
        3_600..86_400 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} d ago", seconds / 86_400),
    }
}
