-- Brokers: who follows a connection, and what the worker writes for its owner.

-- AlterTable
ALTER TABLE "broker_connections" ADD COLUMN     "followed_until" TIMESTAMPTZ(6),
ADD COLUMN     "follower_id" UUID;

-- An account at a broker is made with a deposit that only the worker may post, so it makes the connection as
-- well, in the same transaction. The service has asked for the right before, and the keys are the owner's own.
GRANT INSERT ON broker_connections TO tradegraph_worker;
GRANT UPDATE (follower_id, followed_until) ON broker_connections TO tradegraph_worker;
