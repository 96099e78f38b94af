-- Tools whose calls carry what is not for everybody, and the tasks that have called one. Of such a task code, program,
-- outcome, journal, signals and approvals are encrypted from then on.

CREATE TABLE sensitive_tools (
  workspace_id {text} NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  pattern {text} NOT NULL,
  organization_id {text} NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, pattern)
);

ALTER TABLE tasks ADD COLUMN is_sensitive BOOLEAN NOT NULL DEFAULT FALSE;

-- Over which connections a toolkit's tools may be called, as JSON; none is all.
ALTER TABLE toolkits ADD COLUMN connections TEXT NOT NULL DEFAULT '[]';
