//! Every kind of source, as the product has them. Nothing here dials out.

use std::sync::LazyLock;

use executor_egress::{Client, Options};
use executor_sources::Kinds;

pub(crate) static KINDS: LazyLock<Kinds> =
    LazyLock::new(|| Kinds::new(&Client::new(Options::default()).expect("a client")));
