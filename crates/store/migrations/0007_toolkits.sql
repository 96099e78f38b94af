-- Named narrowings of a workspace's catalog. `tools` is a list of patterns as JSON.

CREATE TABLE toolkits (
  workspace_id {text} NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  slug {text} NOT NULL,
  organization_id {text} NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  tools TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, slug)
);
