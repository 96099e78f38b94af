//! What a program found, beside what it should have found: a table for people, JSON for programs.

use serde::Serialize;

use crate::machine::{Machine, Others};

/// What a figure should be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Bar {
    /// Not more than this.
    AtMost(f64),
    /// Not less than this.
    AtLeast(f64),
}

impl Bar {
    fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtMost(limit) => value <= limit,
            Self::AtLeast(limit) => value >= limit,
        }
    }

    fn text(self) -> String {
        match self {
            Self::AtMost(limit) => format!("≤ {}", number(limit)),
            Self::AtLeast(limit) => format!("≥ {}", number(limit)),
        }
    }
}

/// One measured value.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    bar: Option<Bar>,
}

/// What was measured in one way: one line of the table.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    quantity: String,
    figures: Vec<Figure>,
}

impl Row {
    /// A line about this.
    pub fn new(quantity: impl Into<String>) -> Self {
        Self { quantity: quantity.into(), figures: Vec::new() }
    }

    /// With a figure that is only told.
    pub fn figure(mut self, name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        self.figures.push(Figure { name: name.into(), value, unit, bar: None });
        self
    }

    /// With a figure that has a bar, if there is one.
    pub fn judged(
        mut self,
        name: impl Into<String>,
        value: f64,
        unit: &'static str,
        bar: Option<Bar>,
    ) -> Self {
        self.figures.push(Figure { name: name.into(), value, unit, bar });
        self
    }

    fn cells(&self) -> [String; 4] {
        let joined = |texts: Vec<String>| texts.join(", ");
        let figures =
            self.figures.iter().map(|figure| told(&figure.name, &number(figure.value), figure.unit));
        let bars = self
            .figures
            .iter()
            .filter_map(|figure| figure.bar.map(|bar| told(&figure.name, &bar.text(), figure.unit)));
        [self.quantity.clone(), joined(figures.collect()), joined(bars.collect()), self.verdict()]
    }

    fn verdict(&self) -> String {
        let judged = || self.figures.iter().filter_map(|figure| Some((figure, figure.bar?)));
        let missed: Vec<&str> = judged()
            .filter(|(figure, bar)| !bar.is_met(figure.value))
            .map(|(figure, _)| figure.name.as_str())
            .collect();
        match (judged().next(), missed.is_empty()) {
            (None, _) => String::new(),
            (Some(_), true) => "met".to_owned(),
            (Some(_), false) => format!("**missed** {}", missed.join(", ")).trim_end().to_owned(),
        }
    }
}

/// All that a program found.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    program: &'static str,
    machine: Machine,
    #[serde(skip_serializing_if = "Option::is_none")]
    others: Option<f64>,
    rows: Vec<Row>,
    notes: Vec<String>,
}

impl Report {
    /// An empty report of a program that runs here.
    pub fn new(program: &'static str, machine: Machine) -> Self {
        Self { program, machine, others: None, rows: Vec::new(), notes: Vec::new() }
    }

    /// Adds a line.
    pub fn row(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Adds a sentence that stands below the table.
    pub fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Prints it; `others` has watched what else ran meanwhile.
    #[expect(clippy::print_stdout, reason = "a measuring program reports on its standard output")]
    pub fn print(mut self, json: bool, others: &Others) -> anyhow::Result<()> {
        self.others = others.share();
        match json {
            true => println!("{}", serde_json::to_string(&self)?),
            false => print!("{}", self.text()),
        }
        Ok(())
    }

    fn text(&self) -> String {
        let mut text = format!("## {}\n\n{}\n", self.program, self.machine);
        if let Some(share) = self.others {
            let quiet = if share < 0.05 { "" } else { ": a shared machine" };
            text += &format!("Other processes used {:.0} % of the cores meanwhile{quiet}.\n", share * 100.0);
        }
        let head = ["quantity", "figures", "bar", ""].map(str::to_owned);
        let cells: Vec<[String; 4]> = std::iter::once(head).chain(self.rows.iter().map(Row::cells)).collect();
        let width = |column: usize| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths = [0, 1, 2, 3].map(width);
        let line = |row: &[String; 4]| {
            let padded = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
            format!("| {} |\n", padded.collect::<Vec<_>>().join(" | "))
        };
        text.push('\n');
        for (place, row) in cells.iter().enumerate() {
            text += &line(row);
            if place == 0 {
                text += &format!("|{}|\n", widths.map(|width| "-".repeat(width + 2)).join("|"));
            }
        }
        for note in &self.notes {
            text += &format!("\n{note}\n");
        }
        text.push('\n');
        text
    }
}

fn told(name: &str, value: &str, unit: &str) -> String {
    [name, value, unit].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Three digits that count.
fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if size >= 100.0 || value.fract() == 0.0 => signed(value.round()),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

fn signed(value: f64) -> String {
    let digits = thousands(value.abs() as usize);
    if value < 0.0 { format!("-{digits}") } else { digits }
}

/// A number with a comma before each three digits.
pub fn thousands(value: usize) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_figures_bars_and_what_missed() {
        let row = Row::new("x")
            .judged("p50", 0.95, "ms", Some(Bar::AtMost(1.0)))
            .judged("p99", 5.25, "ms", Some(Bar::AtMost(5.0)))
            .figure("", 1_234.4, "a second");
        assert_eq!(
            row.cells(),
            ["x", "p50 0.950 ms, p99 5.25 ms, 1,234 a second", "p50 ≤ 1 ms, p99 ≤ 5 ms", "**missed** p99"]
        );
        assert_eq!(Row::new("y").figure("", 0.0, "MB").cells(), ["y", "0 MB", "", ""]);
    }
}
