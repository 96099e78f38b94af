-- The audit log. A row is written with the effect that it tells of; the sealer gives it its number and its link later.
-- No foreign keys: the record outlives what it tells of.

CREATE TABLE audit (
  organization_id {text} NOT NULL,
  id {text} NOT NULL,
  workspace_id {text},
  at BIGINT NOT NULL,
  account_id {text},
  key_id {text},
  client TEXT,
  action {text} NOT NULL,
  target {text},
  payload TEXT,
  payload_digest TEXT NOT NULL,
  number BIGINT,
  link TEXT,
  PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX audit_by_number ON audit (organization_id, number) WHERE number IS NOT NULL;
CREATE INDEX audit_unsealed ON audit (organization_id, id) WHERE number IS NULL;

CREATE TABLE audit_heads (
  organization_id {text} PRIMARY KEY,
  number BIGINT NOT NULL,
  link TEXT NOT NULL,
  sealed_at BIGINT NOT NULL,
  tag TEXT NOT NULL
);
