//! A whole schema as tools.

use executor_core::{ErrorCode, Failure, Json};

use super::api::Api;
use super::operation::Kind;
use super::selection::Selections;
use super::types::Types;
use super::{context, detect, endpoint, tool};
use crate::document::Document;
use crate::import::{Import, ImportOptions, Skipped};

/// How many fields pass between two reports of progress.
const STEP: usize = 100;

/// Makes each root field a tool.
pub(super) fn import(document: &Document, options: &ImportOptions<'_>) -> Result<Import, Failure> {
    let unsupported = |message: &str| Failure::new(ErrorCode::DocumentUnsupported, message);
    let api = Api::of(document).ok_or_else(|| unsupported("This is not a GraphQL schema."))?;
    let mut skipped: Vec<_> =
        api.skipped().iter().map(|(operation, reason)| skip(operation, reason)).collect();
    if api.tools().is_empty() {
        let reason = skipped.first().map(|first| format!(" {}: {}", first.operation, first.reason));
        let message =
            format!("The schema has no field that could become a tool.{}", reason.unwrap_or_default());
        return Err(Failure::new(ErrorCode::NoOperations, message));
    }
    let base_url = endpoint::base_url(document, options)?;
    let kept = context::write(&api);
    // What could not be read again would fail with each call.
    Api::parse(&kept).map_err(|problem| unsupported(&format!("The schema cannot be kept: {problem}.")))?;

    let total = api.tools().len();
    let (mut types, mut selections) = (Types::new(&api), Selections::new(&api));
    let mut tools = Vec::with_capacity(total + 2);
    for (done, root) in api.tools().iter().enumerate() {
        if done % STEP == 0 {
            (options.progress)(done as u64, total as u64);
        }
        match tool::of_field(&mut types, &mut selections, root) {
            Ok(tool) => tools.push(tool),
            Err(reason) => {
                skipped.push(skip(&format!("{} {}", root.kind.as_str(), root.field.name), &reason))
            }
        }
    }
    for kind in [Kind::Query, Kind::Mutation].into_iter().filter(|kind| api.has(*kind)) {
        match tool::raw(kind) {
            Ok(tool) => tools.push(tool),
            Err(reason) => skipped.push(skip(kind.as_str(), &reason)),
        }
    }
    (options.progress)(total as u64, total as u64);
    let about = &api.schema().schema_definition.description;
    Ok(Import {
        title: detect::title(document),
        description: about.as_deref().map(str::to_owned).unwrap_or_default(),
        version: None,
        base_url,
        tools,
        schemas: types.finish(),
        context: Some(Json::from(&serde_json::Value::from(kept))),
        skipped,
        servers: Vec::new(),
        server: None,
        methods: detect::methods(),
    })
}

fn skip(operation: &str, reason: &str) -> Skipped {
    Skipped { operation: operation.to_owned(), reason: reason.to_owned() }
}
