//! The rows, as they stand in `migrations/`.
#![allow(unreachable_pub, reason = "the derives make everything public; the module is not")]

pub mod accounts;
pub mod approvals;
pub mod audit;
pub mod audit_heads;
pub mod calls;
pub mod connections;
pub mod counters;
pub mod journal;
pub mod keys;
pub mod memberships;
pub mod organizations;
pub mod rules;
pub mod schemas;
pub mod sensitive_tools;
pub mod settings;
pub mod source_contexts;
pub mod sources;
pub mod task_signals;
pub mod tasks;
pub mod tool_aliases;
pub mod tool_changes;
pub mod tool_pages;
pub mod toolkits;
pub mod tools;
pub mod used_request_states;
pub mod webhook_deliveries;
pub mod webhooks;
pub mod workspace_limits;
pub mod workspaces;
