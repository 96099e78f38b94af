//! Source kinds: detect, import, plan, perform.
