//! Where the requests of an operation go and what they carry, whatever the arguments.

use std::collections::BTreeMap;

use executor_core::tool::CredentialSlot;
use executor_core::{ErrorCode, Failure, Json};
use url::Url;

use super::operation::{Operation, Place, RequestBody, Shape};
use crate::plan::Reach;

/// Fails where the operation is none of ours.
pub(super) fn reach(operation: &Json, base_url: &str) -> Result<Reach, Failure> {
    let broken = |what: String| Failure::new(ErrorCode::Internal, what);
    let operation: Operation =
        operation.read().map_err(|error| broken(format!("The tool's operation cannot be read: {error}.")))?;
    of(operation, base_url)
}

/// The same of an operation, wherever it was kept.
pub(crate) fn of(operation: Operation, base_url: &str) -> Result<Reach, Failure> {
    let broken = |what: String| Failure::new(ErrorCode::Internal, what);
    let base = Url::parse(operation.server.as_deref().unwrap_or(base_url))
        .map_err(|error| broken(format!("The base URL is not one: {error}.")))?;
    let mut places = BTreeMap::new();
    for parameter in operation.parameters {
        let place = match parameter.place {
            Place::Path => "path",
            Place::Query => "query",
            Place::Header => "header",
            Place::Cookie => "cookie",
        };
        places.insert(parameter.argument, format!("{place} `{}`", parameter.name));
    }
    let (argument, others) = operation.choice.map(|choice| (choice.argument, choice.bodies)).unzip();
    if let Some(argument) = argument {
        places.insert(argument, "type of the body".to_owned());
    }
    // Where an argument goes in several bodies, it is the preferred one that counts: it comes last.
    for body in others.into_iter().flatten().rev().chain(operation.body) {
        in_body(body, &mut places);
    }
    let slot = |(name, placement)| CredentialSlot { name, placement };
    let credentials = operation.credentials.into_iter().map(|set| set.into_iter().map(slot).collect());
    Ok(Reach {
        method: operation.method,
        path: format!("{}{}", base.path().trim_end_matches('/'), operation.path),
        origin: base.origin().ascii_serialization(),
        credentials: credentials.collect(),
        places,
    })
}

fn in_body(body: RequestBody, places: &mut BTreeMap<String, String>) {
    let content_type = body.content_type;
    match body.shape {
        Shape::Whole(argument) => {
            places.insert(argument, format!("body as {content_type}"));
        }
        Shape::Fields(fields) => {
            let place = |name: &str| format!("body `{name}` as {content_type}");
            places.extend(fields.into_iter().map(|field| {
                let place = place(&field.name);
                (field.argument, place)
            }));
        }
    }
}
