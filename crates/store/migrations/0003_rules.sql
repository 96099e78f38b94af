-- Rules are about callers by role, group, client and toolkit too, name a connection by its owner, and say who approves.

ALTER TABLE rules RENAME COLUMN connection_id TO connection;
ALTER TABLE rules RENAME COLUMN caller_id TO caller;
UPDATE rules SET caller = '{"account":"' || caller || '"}' WHERE caller IS NOT NULL;
ALTER TABLE rules ADD COLUMN approvers TEXT;
