-- The first schema. One text for both engines: ids are text that sorts by age, times are milliseconds, JSON is text
-- that is not looked into. {text} is text that sorts by its bytes, which PostgreSQL has to be told; {bytes} is bytes.
-- The tables that grow with every task refer to each other without foreign keys: those would be checked on each append.

CREATE TABLE organizations (
  id {text} PRIMARY KEY,
  slug {text} NOT NULL UNIQUE,
  name {text} NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE workspaces (
  id {text} PRIMARY KEY,
  organization_id {text} NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  slug {text} NOT NULL,
  name {text} NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (organization_id, slug)
);

CREATE TABLE accounts (
  id {text} PRIMARY KEY,
  kind {text} NOT NULL,
  name {text} NOT NULL,
  email TEXT,
  created_at BIGINT NOT NULL
);

CREATE TABLE memberships (
  id {text} PRIMARY KEY,
  organization_id {text} NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  account_id {text} NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  role TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (organization_id, account_id)
);

CREATE TABLE keys (
  id {text} PRIMARY KEY,
  organization_id {text} NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  workspace_id {text} REFERENCES workspaces (id) ON DELETE CASCADE,
  account_id {text} NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  name {text} NOT NULL,
  scopes TEXT NOT NULL,
  secret_hash {text} NOT NULL UNIQUE,
  prefix TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT
);

CREATE TABLE sources (
  id {text} PRIMARY KEY,
  organization_id {text} NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  workspace_id {text} REFERENCES workspaces (id) ON DELETE CASCADE,
  owner_id {text} NOT NULL,
  name {text} NOT NULL,
  folded {text} NOT NULL,
  kind {text} NOT NULL,
  title TEXT NOT NULL,
  description TEXT NOT NULL,
  url TEXT,
  base_url TEXT,
  version TEXT,
  document_digest TEXT NOT NULL,
  trusted BOOLEAN NOT NULL,
  tool_count BIGINT NOT NULL,
  skipped TEXT NOT NULL,
  methods TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  refreshed_at BIGINT NOT NULL,
  UNIQUE (owner_id, folded)
);
CREATE INDEX sources_by_organization ON sources (organization_id);

CREATE TABLE tools (
  organization_id {text} NOT NULL,
  source_id {text} NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
  folded {text} NOT NULL,
  name {text} NOT NULL,
  summary TEXT NOT NULL,
  description TEXT NOT NULL,
  side_effect TEXT NOT NULL,
  deprecated BOOLEAN NOT NULL,
  input TEXT NOT NULL,
  output TEXT,
  operation TEXT NOT NULL,
  PRIMARY KEY (source_id, folded)
);

-- What the search index is built of, packed, many tools a row: a start reads these and not every tool.
CREATE TABLE tool_pages (
  organization_id {text} NOT NULL,
  source_id {text} NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
  page BIGINT NOT NULL,
  words {bytes} NOT NULL,
  PRIMARY KEY (source_id, page)
);

CREATE TABLE schemas (
  organization_id {text} NOT NULL,
  source_id {text} NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
  name {text} NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (source_id, name)
);

CREATE TABLE connections (
  id {text} PRIMARY KEY,
  organization_id {text} NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  workspace_id {text} REFERENCES workspaces (id) ON DELETE CASCADE,
  account_id {text} REFERENCES accounts (id) ON DELETE CASCADE,
  owner_id {text} NOT NULL,
  source_id {text} NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
  name {text} NOT NULL,
  method TEXT,
  provider TEXT NOT NULL,
  reference TEXT,
  secret TEXT,
  created_at BIGINT NOT NULL,
  rotated_at BIGINT,
  UNIQUE (source_id, owner_id, name)
);
CREATE INDEX connections_by_organization ON connections (organization_id);

CREATE TABLE rules (
  id {text} PRIMARY KEY,
  organization_id {text} NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  workspace_id {text} REFERENCES workspaces (id) ON DELETE CASCADE,
  account_id {text} REFERENCES accounts (id) ON DELETE CASCADE,
  layer {text} NOT NULL,
  position BIGINT NOT NULL,
  effect TEXT NOT NULL,
  tools TEXT NOT NULL,
  connection_id {text},
  caller_id {text},
  condition TEXT,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX rules_by_organization ON rules (organization_id, layer, position);

CREATE TABLE tasks (
  id {text} PRIMARY KEY,
  organization_id {text} NOT NULL,
  workspace_id {text} NOT NULL,
  account_id {text} NOT NULL,
  key_id {text},
  client TEXT,
  toolkit TEXT,
  idempotency_key {text},
  rerun_of {text},
  code TEXT NOT NULL,
  code_digest TEXT NOT NULL,
  program TEXT,
  replay_version BIGINT NOT NULL,
  runtime TEXT NOT NULL,
  seed TEXT NOT NULL,
  limits TEXT NOT NULL,
  metadata TEXT,
  status {text} NOT NULL,
  lease_owner {text},
  lease_epoch BIGINT NOT NULL,
  lease_expires_at BIGINT,
  attempts BIGINT NOT NULL,
  attempts_without_progress BIGINT NOT NULL,
  engine_ms BIGINT NOT NULL,
  used_ms BIGINT NOT NULL,
  wake_at BIGINT,
  expires_at BIGINT,
  last_seq BIGINT NOT NULL,
  journal_bytes BIGINT NOT NULL,
  outcome TEXT,
  created_at BIGINT NOT NULL,
  started_at BIGINT,
  ended_at BIGINT
);
CREATE UNIQUE INDEX tasks_by_idempotency_key ON tasks (workspace_id, account_id, idempotency_key)
  WHERE idempotency_key IS NOT NULL;
CREATE INDEX tasks_by_workspace ON tasks (workspace_id, id);
CREATE INDEX tasks_by_status ON tasks (status, workspace_id, id);

CREATE TABLE calls (
  task_id {text} NOT NULL,
  number BIGINT NOT NULL,
  workspace_id {text} NOT NULL,
  path {text} NOT NULL,
  connection_id {text},
  state TEXT NOT NULL,
  side_effect TEXT,
  issued_digest TEXT NOT NULL,
  sent_digest TEXT,
  operation_digest TEXT,
  envelope TEXT,
  decision TEXT,
  request TEXT,
  repeatable BOOLEAN,
  upstream_key TEXT,
  time_limit_ms BIGINT,
  error_code TEXT,
  issued_at BIGINT NOT NULL,
  held_at BIGINT,
  held_until BIGINT,
  started_at BIGINT,
  settled_at BIGINT,
  PRIMARY KEY (task_id, number)
);
CREATE INDEX calls_by_workspace ON calls (workspace_id, path);

CREATE TABLE journal (
  task_id {text} NOT NULL,
  seq BIGINT NOT NULL,
  workspace_id {text} NOT NULL,
  at BIGINT NOT NULL,
  kind {text} NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (task_id, seq)
);

CREATE TABLE task_signals (
  id {text} PRIMARY KEY,
  task_id {text} NOT NULL,
  workspace_id {text} NOT NULL,
  kind {text} NOT NULL,
  body TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  consumed_at BIGINT
);
CREATE INDEX task_signals_by_task ON task_signals (task_id, id);

CREATE TABLE settings (
  organization_id {text} NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  name {text} NOT NULL,
  value TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, name)
);

-- What the deployment counts: `epoch` rises at each start on SQLite, `barrier` with each durability barrier.
CREATE TABLE counters (
  name {text} PRIMARY KEY,
  value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('epoch', 0), ('barrier', 0);
