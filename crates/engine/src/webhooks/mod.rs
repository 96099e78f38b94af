//! Telling other programs what happens in a workspace, by signed messages over HTTP.
//!
//! Invariants:
//! - A message is written in the transaction of what it tells of ([`message`]), and sent later ([`courier`]).
//! - It holds ids, a tool's path and a status, never arguments, results or secrets.
//! - It is the same each time it is sent, and is sent until the receiver takes it or [`back_off`] gives it up.
//! - A workspace without webhooks costs a look into memory.

mod back_off;
pub(crate) mod courier;
mod message;
