-- Orders by notional, trailing stops and groups of orders.

-- What is denied for want of a price has no quantity that could be reckoned from its notional.
ALTER TABLE orders DROP CONSTRAINT orders_numbers;
ALTER TABLE orders ADD CONSTRAINT orders_numbers CHECK (
  (quantity > 0 OR (quantity = 0 AND notional IS NOT NULL AND status = 'DENIED')) AND quantity < 'Infinity'
  AND filled_quantity >= 0 AND filled_quantity <= quantity
  AND filled_notional >= 0 AND filled_notional < 'Infinity'
  AND reserved >= 0 AND reserved < 'Infinity');

-- One order takes the place of another, and of one alone.
CREATE UNIQUE INDEX orders_replaces_id ON orders (replaces_id) WHERE replaces_id IS NOT NULL;
