//! A server of the newest generation, and one of the oldest.
