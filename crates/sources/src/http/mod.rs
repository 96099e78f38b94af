//! Performing a plan over HTTP, for every kind that speaks it.
