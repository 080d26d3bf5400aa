import { Client, DatabaseError, type QueryResultRow } from 'pg';
import type { MovedEvent } from './event-message.ts';
import type { HeadMessage } from './head-message.ts';
import { channelOf } from './stored-event.ts';

/** The channel of NOTIFY on which a process tells that it has committed events. */
export const OUTBOX_NOTIFICATION = 'tradegraph_outbox';

/** The relay's own connection to the database. After any failure it is closed and replaced. */
export interface RelayConnection {
  /** Moves up to `limit` committed rows from the outbox to the log; by position. */
  move(limit: number, now: Date): Promise<readonly MovedEvent[]>;
  /** The head of the log, and what came after `since`; from the head itself when that is unknown. */
  head(since: bigint | undefined): Promise<HeadMessage>;
  /** Gives the room of the rows that were moved back to the outbox. */
  sweep(): Promise<void>;
  /** Cuts it off at once, a query that runs as well. */
  close(): Promise<void>;
}

export interface RelayConnectionOptions {
  /** Of the worker's role. */
  readonly url: string;
  /** Something was committed, or the connection was lost. */
  readonly onNews: () => void;
}

const CONNECT_TIMEOUT_MS = 5_000;
const IDLE_IN_TRANSACTION_MS = 2_000;
const STATEMENT_TIMEOUT_MS = 5_000;
/** A relay that waits so long for another looks whether that one is stuck. */
const LOCK_TIMEOUT_MS = 500;
const STUCK_MS = 1_200;
const LOCK_NOT_AVAILABLE = '55P03';
/** Above the server's own, so that it decides alone whether a batch is committed. */
const QUERY_TIMEOUT_MS = 8_000;
/** Beyond these, a head message names no channels, and receivers look for themselves. */
const HEAD_RANGE_MAX = 100_000n;
const HEAD_CHANNELS_MAX = 2_000;

export async function openRelayConnection(
  options: RelayConnectionOptions,
): Promise<RelayConnection> {
  const client = new Client({
    connectionString: options.url,
    application_name: 'tradegraph-relay',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
  });
  client.on('error', options.onNews);
  client.on('end', options.onNews);
  client.on('notification', options.onNews);
  try {
    await client.connect();
    await client.query(`LISTEN ${OUTBOX_NOTIFICATION}`);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
  return {
    async move(limit, now) {
      try {
        return await move(client, limit, now);
      } catch (error) {
        if (!(error instanceof DatabaseError) || error.code !== LOCK_NOT_AVAILABLE) throw error;
        await endStuckRelay(client);
        return [];
      }
    },
    head: (since) => readHead(client, since),
    // Where it may not, before PostgreSQL 17, this only warns. The table is never locked against writers.
    sweep: async () => {
      await client.query('VACUUM (TRUNCATE false, SKIP_LOCKED) outbox');
    },
    close: () => client.end(),
  };
}

interface MovedRow extends QueryResultRow {
  readonly position: string;
  readonly previous_position: string;
  readonly owner_previous_position: string;
  readonly topic: string;
  readonly owner_id: string | null;
  readonly type: string;
  readonly version: number;
  readonly payload: string;
  readonly occurred_at: Date;
  readonly recorded_at: Date;
}

async function move(client: Client, limit: number, now: Date): Promise<readonly MovedEvent[]> {
  const { rows } = await client.query<MovedRow>({
    name: 'move_outbox',
    text: 'SELECT * FROM move_outbox($1, $2)',
    values: [limit, now],
  });
  return rows.map((row) => ({
    event: {
      position: BigInt(row.position),
      previousPosition: BigInt(row.previous_position),
      topic: row.topic,
      ownerId: row.owner_id,
      type: row.type,
      version: row.version,
      payload: row.payload,
      occurredAt: row.occurred_at,
      recordedAt: row.recorded_at,
    },
    ownerPreviousPosition: BigInt(row.owner_previous_position),
  }));
}

/**
 * Ends the connection of a relay that holds the lock and does not move: its process hangs, or cannot be
 * reached any more. What it had not committed is rolled back, and moved by whoever comes next.
 */
async function endStuckRelay(client: Client): Promise<void> {
  await client.query({
    name: 'end_stuck_relay',
    text: `SELECT pg_terminate_backend(a.pid)
           FROM pg_locks l JOIN pg_stat_activity a USING (pid)
           WHERE l.locktype = 'advisory' AND l.classid = 0 AND l.objid = 7243002 AND l.objsubid = 1
             AND l.granted AND a.datname = current_database() AND a.pid <> pg_backend_pid()
             AND a.xact_start < clock_timestamp() - $1 * interval '1 ms'`,
    values: [STUCK_MS],
  });
}

async function readHead(client: Client, since: bigint | undefined): Promise<HeadMessage> {
  const { rows } = await client.query<{ position: string }>({
    name: 'event_head',
    text: 'SELECT position FROM event_head WHERE id = 1',
  });
  if (!rows[0]) throw new Error('The event log has no head: its migration did not run.');
  const position = BigInt(rows[0].position);
  // A head before the one told last is that of another history, such as a backup's.
  const from = since !== undefined && since <= position ? since : position;
  return { position, since: from, channels: await readChannels(client, from, position) };
}

async function readChannels(client: Client, since: bigint, position: bigint) {
  if (position === since) return new Map<string, bigint>();
  if (position - since > HEAD_RANGE_MAX) return undefined;
  const { rows } = await client.query<{ topic: string; owner_id: string | null; last: string }>({
    name: 'event_channels',
    text: `SELECT topic, owner_id, max(position) AS last FROM event_log
           WHERE position > $1 AND position <= $2 GROUP BY topic, owner_id LIMIT $3`,
    values: [since.toString(), position.toString(), HEAD_CHANNELS_MAX + 1],
  });
  if (rows.length > HEAD_CHANNELS_MAX) return undefined;
  const channels = new Map<string, bigint>();
  const put = (channel: string, last: bigint): void => {
    if (last > (channels.get(channel) ?? 0n)) channels.set(channel, last);
  };
  for (const { topic, owner_id: ownerId, last } of rows) {
    put(channelOf({ topic }), BigInt(last));
    if (ownerId !== null) put(channelOf({ ownerId }), BigInt(last));
  }
  return channels;
}
