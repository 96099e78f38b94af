//! Performing a plan over HTTP.
