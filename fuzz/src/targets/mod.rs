//! Every target, one module each.

mod answer;
mod arguments;
mod condition;
mod document;
mod dotenv;
mod frames;
mod graphql;
mod identifiers;
mod import;
mod paths;
mod plan;
mod redirect;
mod schema;
mod search;
mod server_sent_events;
mod transform;

use crate::Target;

/// All of them.
pub const TARGETS: &[Target] = &[
    answer::TARGET,
    arguments::TARGET,
    condition::TARGET,
    document::JSON,
    document::YAML,
    dotenv::TARGET,
    frames::TARGET,
    graphql::DOCUMENT,
    graphql::SCHEMA,
    identifiers::TARGET,
    import::TARGET,
    paths::TARGET,
    plan::TARGET,
    redirect::TARGET,
    schema::TARGET,
    search::TARGET,
    server_sent_events::TARGET,
    transform::TARGET,
];

/// The first line, and all after it.
fn first_line(text: &str) -> (&str, &str) {
    text.split_once('\n').unwrap_or((text, ""))
}
