-- The open sessions of a person, those that last longest first: however many have ended, a page reads none of them.
CREATE INDEX sessions_open_idx ON sessions (owner_id, expires_at DESC, id DESC) WHERE revoked_at IS NULL;
