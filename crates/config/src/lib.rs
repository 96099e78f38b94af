//! One typed configuration, declared once.
//!
//! [`Config`] has a field for each environment variable that this version reads; `settings.rs` declares them, and from
//! the same lines come the parsing, the list of effective values, `.env.example` and the reference page.
//!
//! What holds here:
//!
//! - [`Config::load`] is a pure function of its [`Inputs`]: it reads no environment and no file, so that a test, a
//!   simulation or an embedding program decides what it sees.
//! - A flag wins over the process environment, that over `.env`, that over the managed runtime's file, that over stored
//!   settings, that over the default. Every effective value knows where it came from.
//! - All problems are found at once. Names that look like ours and are not, or that this version does not use, are
//!   noticed and do no harm.
//! - No secret is shown: not in the effective values, not in a problem, not in `Debug`.

mod database;
mod derive;
mod dotenv;
mod effective;
mod inputs;
mod later;
mod load;
mod notice;
mod parse;
mod problem;
mod reader;
pub mod render;
mod settings;
mod sources;
mod variable;

pub use database::Database;
pub use effective::Effective;
pub use inputs::{Inputs, Platform};
pub use notice::Notice;
pub use parse::{LogFormat, TypeCheck};
pub use problem::{Problem, Problems};
pub use secrecy::SecretString;
pub use settings::{Config, VARIABLES};
pub use sources::Origin;
pub use url::Url;
pub use variable::{Fallback, Variable};
