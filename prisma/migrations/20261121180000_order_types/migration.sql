-- Orders with a price: limit and stop orders, and orders that end by themselves.

ALTER TYPE "order_type" ADD VALUE 'LIMIT';
ALTER TYPE "order_type" ADD VALUE 'STOP';
ALTER TYPE "order_type" ADD VALUE 'STOP_LIMIT';
ALTER TYPE "time_in_force" ADD VALUE 'DAY';
ALTER TYPE "time_in_force" ADD VALUE 'GTD';
ALTER TYPE "time_in_force" ADD VALUE 'IOC';
ALTER TYPE "time_in_force" ADD VALUE 'FOK';

-- AlterTable
ALTER TABLE "orders" ADD COLUMN     "expires_at" TIMESTAMPTZ(6),
ADD COLUMN     "limit_price" DECIMAL(38,18),
ADD COLUMN     "stop_price" DECIMAL(38,18);

-- Values of an enum cannot be named in the transaction that adds them, but their texts can.
ALTER TABLE orders ADD CONSTRAINT orders_prices CHECK (
  (limit_price IS NOT NULL) = (type::text IN ('LIMIT', 'STOP_LIMIT'))
  AND (stop_price IS NOT NULL) = (type::text IN ('STOP', 'STOP_LIMIT'))
  AND (limit_price IS NULL OR (limit_price > 0 AND limit_price NOT IN ('NaN', 'Infinity')))
  AND (stop_price IS NULL OR (stop_price > 0 AND stop_price NOT IN ('NaN', 'Infinity'))));
ALTER TABLE orders ADD CONSTRAINT orders_expiry CHECK (
  (expires_at IS NOT NULL) = (time_in_force::text IN ('DAY', 'GTD')));
