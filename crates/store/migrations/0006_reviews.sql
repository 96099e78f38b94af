-- What became of tools since a person last accepted them. A tool without a row here is as it was accepted. `accepted` is
-- what was accepted, the engine's own JSON, and nothing for a tool that is new. A source's `revision` rises with each
-- change of its tools or of what is accepted of them. `pinned_base_url` is where its adder said that the API is; what
-- is known of older sources is only where it was.

CREATE TABLE tool_changes (
  organization_id {text} NOT NULL,
  source_id {text} NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
  folded {text} NOT NULL,
  name {text} NOT NULL,
  change TEXT NOT NULL,
  accepted TEXT,
  since BIGINT NOT NULL,
  PRIMARY KEY (source_id, folded)
);
ALTER TABLE sources ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN pinned_base_url TEXT;
UPDATE sources SET pinned_base_url = base_url;
