//! Conditions of rules: a text in CEL that sees the arguments, the tool, the connection and the caller of a call.
//!
//! The language is [CEL] without messages, bytes and time, read and evaluated here, since a condition is written by one
//! tenant and evaluated in the path of every call: the text is bounded before it is read, neither reading nor evaluating
//! goes deeper than a fixed number of frames, and evaluating takes a fixed number of steps at most. Numbers of JSON are
//! doubles; where an integer meets a double, both are doubles.
//!
//! [CEL]: https://github.com/google/cel-spec/blob/master/doc/langdef.md

mod evaluate;
mod expression;
mod functions;
mod lexer;
mod parser;
#[cfg(test)]
mod tests;
mod value;

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use self::expression::Expression;
use self::value::Value;
use crate::error::{ErrorCode, Failure};

/// The longest condition, in bytes.
pub const MAX_CONDITION_BYTES: usize = 4_096;

/// A condition. It is read once, when it is first needed; its copies share that.
#[derive(Clone)]
pub struct Condition {
    text: Arc<str>,
    program: Arc<OnceLock<Result<Expression, InvalidCondition>>>,
}

/// Why a text is no condition, and where. Lines and columns begin at 1; columns are characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct InvalidCondition {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
    /// What is wrong there.
    pub message: String,
}

/// What a condition sees.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) args: &'a serde_json::Value,
    pub(super) tool: serde_json::Value,
    pub(super) connection: serde_json::Value,
    pub(super) caller: serde_json::Value,
}

impl Condition {
    /// Reads a condition. Any text may be given.
    pub fn parse(text: &str) -> Result<Self, InvalidCondition> {
        let condition = Self::unchecked(text);
        match condition.program() {
            Ok(_) => Ok(condition),
            Err(invalid) => Err(invalid.clone()),
        }
    }

    /// A condition that was checked when it was saved. Should it be none any more, it fails whenever it is evaluated.
    pub fn unchecked(text: &str) -> Self {
        Self { text: text.into(), program: Arc::default() }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it holds, or why nobody can tell.
    pub(super) fn holds(&self, facts: &Facts<'_>) -> Result<bool, String> {
        let program = self.program().as_ref().map_err(ToString::to_string)?;
        match evaluate::evaluate(program, facts)? {
            Value::Bool(value) => Ok(value),
            other => Err(format!("it gives {} where true or false is wanted", other.kind())),
        }
    }

    fn program(&self) -> &Result<Expression, InvalidCondition> {
        self.program.get_or_init(|| {
            if self.text.len() > MAX_CONDITION_BYTES {
                let message = format!("a condition has {MAX_CONDITION_BYTES} bytes at most");
                return Err(InvalidCondition { line: 1, column: 1, message });
            }
            parser::parse(&self.text)
        })
    }
}

impl InvalidCondition {
    fn new(text: &str, at: usize, message: impl Into<String>) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: message.into(),
        }
    }
}

impl From<InvalidCondition> for Failure {
    fn from(invalid: InvalidCondition) -> Self {
        Failure::new(ErrorCode::InvalidCondition, format!("The condition cannot be read at {invalid}."))
    }
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Condition {}

impl fmt::Debug for Condition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, formatter)
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Condition {
    /// Does not look into the text: what was saved has to be readable again.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::unchecked(&text))
    }
}
