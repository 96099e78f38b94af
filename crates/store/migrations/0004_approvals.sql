-- What people have to decide. An approval is of one call of one task; `version` rises with each change, so that of two
-- decisions that come together the second sees the first.

CREATE TABLE approvals (
  id {text} PRIMARY KEY,
  organization_id {text} NOT NULL,
  workspace_id {text} NOT NULL,
  task_id {text} NOT NULL,
  call BIGINT NOT NULL,
  account_id {text} NOT NULL,
  status {text} NOT NULL,
  version BIGINT NOT NULL,
  envelope TEXT NOT NULL,
  request TEXT NOT NULL,
  decision TEXT NOT NULL,
  votes TEXT NOT NULL,
  line BIGINT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  decided_at BIGINT
);
CREATE INDEX approvals_by_workspace ON approvals (workspace_id, status, id);
CREATE INDEX approvals_by_task ON approvals (task_id, call);
CREATE INDEX approvals_to_expire ON approvals (expires_at) WHERE status = 'open';

-- Waiting tasks that are to be taken up at a moment, and signals that nobody has seen yet.
CREATE INDEX tasks_to_wake ON tasks (wake_at) WHERE status = 'waiting';
CREATE INDEX task_signals_unseen ON task_signals (task_id) WHERE consumed_at IS NULL;
