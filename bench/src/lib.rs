//! What the measuring programs share.
//!
//! The programs in `src/bin` measure a real `executor serve` from outside: its own processes, its own port, a data
//! directory of its own. The load generator speaks the wire protocols by hand, so that what it costs stays small beside
//! what it measures. Every report says on which machine it was got, and what else ran there meanwhile.

pub mod api;
pub mod common;
pub mod corpus;
pub mod http;
pub mod load;
pub mod machine;
pub mod mcp;
pub mod processes;
pub mod random;
pub mod real_documents;
pub mod report;
pub mod sampling;
pub mod server;
pub mod stage;
pub mod statistics;
pub mod synthetic_document;
pub mod upstream;
