//! The kind `graphql`.

mod fetching;
mod github;
mod importing;
mod performing;
mod raw;
mod schemas;
mod select;
mod selections;
mod server;
mod support;
