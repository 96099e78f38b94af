-- States of requests in several rounds that have come back: each counts once. Forgotten when they would count no more.

CREATE TABLE used_request_states (
  organization_id {text} NOT NULL,
  nonce {text} NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, nonce)
);
CREATE INDEX used_request_states_to_forget ON used_request_states (expires_at);
