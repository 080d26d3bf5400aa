-- A list of positions shows those that are held, unless somebody asks for others: it finds them without passing all that
-- were closed. Those of one account have the index that keeps them apart, positions_one_open.
CREATE INDEX positions_open_page ON positions (owner_id, opened_at DESC, id DESC) WHERE closed_at IS NULL;

-- One order takes the place of another, and of one alone. What a broker did not take may be tried again.
DROP INDEX orders_replaces_id;
CREATE UNIQUE INDEX orders_replaces_id ON orders (replaces_id)
  WHERE replaces_id IS NOT NULL AND status NOT IN ('REJECTED', 'CANCELED', 'EXPIRED');
