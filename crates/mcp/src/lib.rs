//! The MCP surface over the engine, both generations.
