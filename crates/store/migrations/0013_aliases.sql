-- The paths that tools had before a refresh gave them other ones, for as long as they lead to them; and until when what is
-- known of a source counts by its API's own account.

CREATE TABLE tool_aliases (
  organization_id {text} NOT NULL,
  source_id {text} NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
  folded {text} NOT NULL,
  name {text} NOT NULL,
  target {text} NOT NULL,
  until BIGINT NOT NULL,
  PRIMARY KEY (source_id, folded)
);
CREATE INDEX tool_aliases_by_organization ON tool_aliases (organization_id);

ALTER TABLE sources ADD COLUMN stale_at BIGINT;
