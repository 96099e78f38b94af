-- Who is told what happens in a workspace, and the outbox of what they are told: a row is written with what it tells of.
-- A delivery is due at `due_at`, which whoever takes it moves ahead by a lease; none once it has ended. `attempts` rises
-- with each taking, so that one who is late settles nothing.

CREATE TABLE webhooks (
  id {text} PRIMARY KEY,
  organization_id {text} NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  workspace_id {text} NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  url TEXT NOT NULL,
  events TEXT NOT NULL,
  secret TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX webhooks_by_workspace ON webhooks (workspace_id, id);

CREATE TABLE webhook_deliveries (
  id {text} PRIMARY KEY,
  organization_id {text} NOT NULL,
  workspace_id {text} NOT NULL,
  webhook_id {text} NOT NULL,
  event {text} NOT NULL,
  body TEXT NOT NULL,
  status {text} NOT NULL,
  attempts BIGINT NOT NULL,
  due_at BIGINT,
  attempted_at BIGINT,
  response_status BIGINT,
  error TEXT,
  created_at BIGINT NOT NULL
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (due_at);
CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (organization_id, created_at);
