//! The query.

use super::form::{self, Pair};
use super::{Arguments, given};
use crate::openapi::operation::{Operation, Place};

/// The query, with what the document itself writes into the path.
pub(super) fn write(operation: &Operation, own: &str, arguments: &Arguments) -> String {
    let mut pairs: Vec<Pair> = Vec::new();
    for (parameter, value) in given(operation, Place::Query, arguments) {
        form::write(
            &parameter.name,
            value,
            parameter.style,
            parameter.explode,
            parameter.allow_reserved,
            &mut pairs,
        );
    }
    let own =
        own.split('&').filter(|part| !part.is_empty() && !part.contains('{')).map(super::encode::template);
    own.chain(pairs.into_iter().map(|(name, value)| format!("{name}={value}"))).collect::<Vec<_>>().join("&")
}
