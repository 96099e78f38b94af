//! Tests of the catalog over its public face.

mod search;
