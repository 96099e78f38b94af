//! From rows to the vocabulary.

use std::str::FromStr;

use executor_core::Timestamp;
use serde::de::DeserializeOwned;

use crate::error::Error;

/// Reads a column that holds an id, a path or a digest.
pub(crate) fn parse<T: FromStr>(table: &'static str, text: &str) -> Result<T, Error>
where
    T::Err: ToString,
{
    text.parse().map_err(|error: T::Err| Error::corrupt(table, error.to_string()))
}

/// The same where there may be none.
pub(crate) fn parse_some<T: FromStr>(table: &'static str, text: Option<&str>) -> Result<Option<T>, Error>
where
    T::Err: ToString,
{
    text.map(|text| parse(table, text)).transpose()
}

/// Reads a column that holds JSON of ours.
pub(crate) fn json<T: DeserializeOwned>(table: &'static str, text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::corrupt(table, error))
}

/// Writes a column that holds JSON of ours.
pub(crate) fn to_json<T: serde::Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::Other(error.to_string()))
}

/// Reads a column that holds the name of one of several.
pub(crate) fn named<T>(table: &'static str, found: Option<T>, text: &str) -> Result<T, Error> {
    found.ok_or_else(|| Error::corrupt(table, format!("`{text}` is no value of that column")))
}

/// Reads a column that holds a count.
pub(crate) fn count(value: i64) -> u64 {
    value.max(0).unsigned_abs()
}

/// Writes a column that holds a count.
pub(crate) fn from_count(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(crate) fn time(value: i64) -> Timestamp {
    Timestamp::from_millis(value)
}

pub(crate) fn some_time(value: Option<i64>) -> Option<Timestamp> {
    value.map(Timestamp::from_millis)
}
