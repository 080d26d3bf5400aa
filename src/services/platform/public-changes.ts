import { Client } from 'pg';
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import type { Timers } from './timers.ts';

/**
 * What changes of the public data: the database tells of each, at the commit of whoever made it (see the
 * migration `public_changes`). A connection of its own listens, while anybody asks.
 */
export interface PublicChanges {
  /**
   * How often something of these sources has changed so far, as far as this process heard; another number
   * too where changes may have been missed.
   */
  versionOf(sources: readonly string[]): number;
  /**
   * Whether all that was committed until two seconds ago is known. Not so for the first who asks, who
   * makes it listen.
   */
  isHeard(): boolean;
  /** Something was changed in this process, which the database may not have told of yet. */
  note(): void;
  close(): Promise<void>;
}

export interface PublicChangesPorts {
  /** Of the server's role. */
  readonly url: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

const CHANNEL = 'tradegraph_public';
const CHECK_MS = 500;
const HEARD_MS = 2_000;
/** Who is asked by nobody for so long gives its connection back. */
const IDLE_MS = 60_000;
const TIMEOUT_MS = 2_000;

export function createPublicChanges(ports: PublicChangesPorts): PublicChanges {
  const { clock, timers } = ports;
  const versions = createVersions();
  const listener = createListener(ports, versions);
  let askedAtMs = -Infinity;
  let stopChecks: (() => void) | undefined;
  let checking: Promise<void> | undefined;
  let isClosed = false;

  const rest = async (): Promise<void> => {
    stopChecks?.();
    stopChecks = undefined;
    await listener.leave();
  };
  const check = (): void => {
    if (checking) return;
    const isIdle = clock.now().getTime() - askedAtMs > IDLE_MS;
    checking = (isIdle ? rest() : listener.listen()).finally(() => {
      checking = undefined;
    });
  };
  return {
    versionOf: versions.of,
    isHeard() {
      if (isClosed) return false;
      askedAtMs = clock.now().getTime();
      if (!stopChecks) {
        stopChecks = timers.every(CHECK_MS, check);
        check();
      }
      const ageMs = askedAtMs - listener.heardAtMs();
      // A clock that was set back says nothing.
      return ageMs >= 0 && ageMs <= HEARD_MS;
    },
    note: versions.raiseAll,
    async close() {
      isClosed = true;
      await checking;
      await rest();
    },
  };
}

type Versions = ReturnType<typeof createVersions>;

/** The connection that hears of changes. After any failure it is closed, and replaced at the next look. */
function createListener({ url, clock, log }: PublicChangesPorts, versions: Versions) {
  let client: Client | undefined;
  let heardAtMs = -Infinity;
  let isWarned = false;

  const leave = async (): Promise<void> => {
    const left = client;
    client = undefined;
    heardAtMs = -Infinity;
    versions.raiseAll();
    await left?.end().catch(() => undefined);
  };
  const begin = async (): Promise<Client> => {
    const opened = await connect(url, {
      onChange: versions.raise,
      onLost: (lost) => {
        if (client === lost) void leave();
      },
    });
    // What was changed before is not told.
    versions.raiseAll();
    return opened;
  };
  return {
    leave,
    /** As of when all changes are known; -Infinity while it does not listen. */
    heardAtMs: () => heardAtMs,
    /** What was committed before a question reaches the database is told before its answer. */
    async listen(): Promise<void> {
      try {
        client ??= await begin();
        const beganAtMs = clock.now().getTime();
        await client.query('SELECT 1');
        heardAtMs = beganAtMs;
        isWarned = false;
      } catch (err) {
        await leave();
        if (!isWarned) log.warn({ err }, 'Changes of public data are not heard: nothing is kept.');
        isWarned = true;
      }
    },
  };
}

function createVersions() {
  const changes = new Map<string, number>();
  let gaps = 0;
  return {
    of: (sources: readonly string[]): number =>
      sources.reduce((sum, each) => sum + (changes.get(each) ?? 0), gaps),
    raise: (source: string): void => void changes.set(source, (changes.get(source) ?? 0) + 1),
    raiseAll: (): void => {
      gaps += 1;
    },
  };
}

interface Told {
  readonly onChange: (source: string) => void;
  readonly onLost: (client: Client) => void;
}

async function connect(url: string, { onChange, onLost }: Told): Promise<Client> {
  const client = new Client({
    ...{ connectionString: url, application_name: 'tradegraph-public', keepAlive: true },
    ...{ connectionTimeoutMillis: TIMEOUT_MS, query_timeout: TIMEOUT_MS },
  });
  const lose = (): void => {
    onLost(client);
  };
  client.on('error', lose);
  client.on('end', lose);
  client.on('notification', ({ payload = '' }) => {
    onChange(payload);
  });
  try {
    await client.connect();
    await client.query(`LISTEN ${CHANNEL}`);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}
