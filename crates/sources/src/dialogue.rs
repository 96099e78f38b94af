//! What an API says and asks in the middle of a call.
//!
//! Either the request stays open meanwhile, and an [`Attendant`] is turned to; or it ends with [`Input`] that is needed,
//! and the same request is sent again with [`Answers`]. The first does not outlive the process, the second does.

use executor_core::Json;
use serde_json::Number;
use url::Url;

use crate::kind::BoxFuture;

/// What an API wants of people before it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// What it asks.
    pub questions: Vec<Asked>,
    /// What it wants back with the answers. Nobody here looks into it.
    pub state: Option<String>,
}

/// One thing that an API asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// By what the API knows it.
    pub key: String,
    /// What it says, in its own words: nobody vouches for them.
    pub message: String,
    /// What it wants.
    pub wanted: Wanted,
}

/// What a person is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Fill in a form: the JSON Schema of an object with simple members.
    Form(Json),
    /// Go to a page of the web.
    Visit(Url),
}

/// What came of one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A person has done it; with the form as it was filled in, if it was one.
    Accepted(Json),
    /// A person does not want to.
    Declined,
    /// Nobody answers.
    Cancelled,
}

/// What came of all that an API asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// Each under the key by which the API knows it.
    pub replies: Vec<(String, Reply)>,
    /// What the API wanted back.
    pub state: Option<String>,
}

/// How far an API is with a request, by its own account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// How much is done, in a measure of its own.
    pub progress: Number,
    /// How much there is to do.
    pub total: Option<Number>,
    /// What it says about that.
    pub message: Option<String>,
}

/// Whom an API can turn to while a request is open.
pub trait Attendant: Send + Sync {
    /// Hears how far the API is. It may be told so a thousand times a second.
    fn progress(&self, progress: Progress);

    /// Asks people, for as long as it is waited for. Dropped, the question is taken back.
    fn ask<'a>(&'a self, asked: Asked) -> BoxFuture<'a, Reply>;
}

/// Nobody: what is asked is cancelled.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unattended;

impl Attendant for Unattended {
    fn progress(&self, _: Progress) {}

    fn ask<'a>(&'a self, _: Asked) -> BoxFuture<'a, Reply> {
        Box::pin(async { Reply::Cancelled })
    }
}
