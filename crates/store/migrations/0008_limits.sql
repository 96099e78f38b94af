-- What workspaces may use, where they may use less than the deployment gives. How many tasks run at once stands by
-- itself, for who gives out the next task.

CREATE TABLE workspace_limits (
  workspace_id {text} PRIMARY KEY,
  organization_id {text} NOT NULL,
  concurrent_tasks BIGINT,
  limits TEXT NOT NULL,
  updated_at BIGINT NOT NULL
);
