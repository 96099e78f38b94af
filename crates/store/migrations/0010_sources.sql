-- What sources of all kinds need: what their calls are planned with, and when and how they are read again.

CREATE TABLE source_contexts (
  source_id {text} PRIMARY KEY REFERENCES sources (id) ON DELETE CASCADE,
  organization_id {text} NOT NULL,
  body TEXT NOT NULL
);

ALTER TABLE sources ADD COLUMN included TEXT NOT NULL DEFAULT '[]';
ALTER TABLE sources ADD COLUMN etag TEXT;
ALTER TABLE sources ADD COLUMN reads_with {text};
ALTER TABLE sources ADD COLUMN refresh_every_ms BIGINT;
ALTER TABLE sources ADD COLUMN refresh_due_at BIGINT;
ALTER TABLE sources ADD COLUMN refresh_failure TEXT;
CREATE INDEX sources_due ON sources (refresh_due_at);
