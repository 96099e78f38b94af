//! The guarded client against real sockets on the loopback interface.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![expect(clippy::disallowed_types, reason = "the servers of the tests")]

mod addresses;
mod credentials;
mod failures;
mod limits;
mod names;
mod process;
mod redirects;
mod support;
mod tls;
