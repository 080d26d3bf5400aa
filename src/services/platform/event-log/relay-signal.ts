import { Client } from 'pg';
import type { Logger } from '../logger.ts';
import { systemTimers, type Timers } from '../timers.ts';
import { OUTBOX_NOTIFICATION } from './relay-connection.ts';

export interface RelaySignalPorts {
  /** Of any role that may connect. */
  readonly url: string;
  readonly log: Logger;
  readonly timers?: Timers;
}

/** Wakes a relay that runs in another process. */
export interface RelaySignal {
  /** Something was committed. Cheap; sends a NOTIFY at most once in 5 ms. */
  wake(): void;
  close(): Promise<void>;
}

const NOTIFY_INTERVAL_MS = 5;
const RECONNECT_DELAY_MS = 1_000;

/**
 * NOTIFY outside of the transactions: inside each of them it would cost 40% of the writes. A signal
 * that is lost costs at most the time to the relay's next poll.
 */
export function createRelaySignal({
  url,
  log,
  timers = systemTimers,
}: RelaySignalPorts): RelaySignal {
  let client: Client | undefined;
  let isDue = false;
  let isResting = false;
  let isClosed = false;

  const rest = (durationMs: number): void => {
    isResting = true;
    timers.after(durationMs, () => {
      isResting = false;
      if (isDue && !isClosed) void send();
    });
  };

  const send = async (): Promise<void> => {
    isDue = false;
    isResting = true;
    try {
      client ??= await connect(url, drop);
      if (isClosed) {
        drop();
        return;
      }
      await client.query(`NOTIFY ${OUTBOX_NOTIFICATION}`);
      rest(NOTIFY_INTERVAL_MS);
    } catch (error) {
      log.warn({ err: error }, 'The event relay could not be woken; it polls.');
      drop();
      rest(RECONNECT_DELAY_MS);
    }
  };

  const drop = (): void => {
    const dropped = client;
    client = undefined;
    dropped?.end().catch(() => undefined);
  };

  return {
    wake() {
      isDue = true;
      if (!isResting && !isClosed) void send();
    },
    async close() {
      isClosed = true;
      await client?.end().catch(() => undefined);
    },
  };
}

async function connect(url: string, onLost: () => void): Promise<Client> {
  const client = new Client({
    connectionString: url,
    application_name: 'tradegraph-signal',
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
    keepAlive: true,
  });
  client.on('error', onLost);
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
  return client;
}
