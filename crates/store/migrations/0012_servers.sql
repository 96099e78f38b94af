-- Which servers a document offers and which one is used, both the engine's own JSON, and how long a call of it may take.

ALTER TABLE sources ADD COLUMN servers TEXT NOT NULL DEFAULT '[]';
ALTER TABLE sources ADD COLUMN server TEXT;
ALTER TABLE sources ADD COLUMN call_timeout_ms BIGINT;
