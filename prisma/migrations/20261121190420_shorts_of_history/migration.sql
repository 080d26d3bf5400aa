-- Shorts that were entered as history did not hold back what a short holds back. They do now.

ALTER TABLE accounts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE positions NO FORCE ROW LEVEL SECURITY;
ALTER TABLE orders NO FORCE ROW LEVEL SECURITY;
UPDATE accounts a SET reserved = short.amount + coalesce((
    SELECT sum(o.reserved) FROM orders o WHERE o.account_id = a.id AND o.reserved > 0), 0)
  FROM (SELECT account_id, 2 * sum(abs(total_cost)) AS amount FROM positions
    WHERE closed_at IS NULL AND quantity < 0 GROUP BY 1) short
  WHERE short.account_id = a.id AND a.kind = 'PAPER';
ALTER TABLE accounts FORCE ROW LEVEL SECURITY;
ALTER TABLE positions FORCE ROW LEVEL SECURITY;
ALTER TABLE orders FORCE ROW LEVEL SECURITY;
