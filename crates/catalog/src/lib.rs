//! What a tool looks like: TypeScript rendering, search and describe.
