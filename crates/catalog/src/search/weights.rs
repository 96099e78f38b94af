//! The numbers that rank. They were tuned by `bench/`, which says what each of them brings.

use super::field::FIELDS;

/// How much each kind of evidence counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// How soon more of the same term counts no more.
    pub saturation: f32,
    /// How much a term counts in path, summary, description and parameter names.
    pub fields: [f32; FIELDS],
    /// How far a long field counts less than a short one, from 0 to 1, in the same order.
    pub normalisation: [f32; FIELDS],
    /// How much a term counts in the name of the tool's source, if the query has the whole name.
    pub source: f32,
    /// How much more the tools of a source count that the query names, by how few sources are named so.
    pub named: f32,
    /// How much the other tools of the source count: a tool of a source that is about the query is likelier meant.
    pub theme: f32,
    /// What a synonym counts of the word itself.
    pub synonym: f32,
    /// What two words of the query, written as one, count.
    pub joined: f32,
    /// What a correction of an unknown word counts.
    pub correction: f32,
    /// What a word counts that says what is done: tools have many of the same, so that it tells less than it is rare.
    pub action: f32,
    /// How much more a tool counts if the query has every word of its path.
    pub whole_path: f32,
    /// How much more a tool counts that reads if the query asks, or one that writes if it wants something done.
    pub purpose: f32,
    /// What is left of a deprecated tool's score.
    pub deprecated: f32,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            saturation: 2.0,
            fields: [12.0, 1.5, 0.9, 1.3],
            normalisation: [0.3, 0.0, 0.3, 0.8],
            source: 3.0,
            named: 1.0,
            theme: 0.25,
            synonym: 0.7,
            joined: 0.5,
            correction: 0.8,
            action: 0.8,
            whole_path: 0.5,
            purpose: 0.25,
            deprecated: 0.8,
        }
    }
}
