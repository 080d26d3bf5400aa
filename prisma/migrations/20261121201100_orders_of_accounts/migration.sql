-- What an account has of orders in a rare state is found without passing those of other accounts.

-- The gate asks what of an instrument an account has open, with every order: it passed the open orders of everybody.
-- The engine goes on to read an instrument's, as it did.
DROP INDEX orders_working;
CREATE INDEX orders_working ON orders (instrument_id, account_id, created_at)
  WHERE status IN ('PENDING', 'SUBMITTED', 'ACCEPTED', 'PARTIALLY_FILLED', 'TRIGGERED', 'CANCEL_PENDING', 'UNKNOWN');

-- The lists of one account, beside those of one owner (see the migration order_indexes). An order that fills at once
-- costs an entry in the first; the others take none of it.
CREATE INDEX orders_working_of_account ON orders (account_id, created_at DESC, id DESC)
  WHERE status IN ('PENDING', 'SUBMITTED', 'ACCEPTED', 'PARTIALLY_FILLED', 'TRIGGERED', 'CANCEL_PENDING', 'UNKNOWN');
CREATE INDEX orders_refused_of_account ON orders (account_id, created_at DESC, id DESC)
  WHERE status IN ('DENIED', 'REJECTED');
CREATE INDEX orders_ended_of_account ON orders (account_id, created_at DESC, id DESC)
  WHERE status IN ('CANCELED', 'EXPIRED', 'REPLACED');

-- Who asks for a group asks for those that stand in it now, however often one took the place of another.
DROP INDEX orders_group_id;
CREATE INDEX orders_group_id ON orders (group_id) WHERE group_id IS NOT NULL AND replaced_by_id IS NULL;
