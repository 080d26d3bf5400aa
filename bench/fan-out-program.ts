import { createApp } from '../src/app.ts';
import { startServer } from '../src/server.ts';
import { quoteChannel, serializeQuote } from '../src/services/market/quote.ts';
import { configWith, parseSettings } from '../src/services/platform/config/settings.ts';
import { encodeMoved, type MovedEvent } from '../src/services/platform/event-log/event-message.ts';
import { encodeHead } from '../src/services/platform/event-log/head-message.ts';
import { channelOf, HEAD_CHANNEL } from '../src/services/platform/event-log/stored-event.ts';
import { Decimal } from '../src/services/platform/money.ts';
import { userViewer } from '../src/services/platform/viewer.ts';
import { balanceChanged } from '../src/services/portfolio/events.ts';
import type { Account } from '../src/services/platform/prisma/client.ts';
import { JWT_SECRET } from './bench-people.ts';
import { symbolOf, type FanOutServer, type ServerOptions } from './fan-out-messages.ts';

const INSTRUMENT_ID = '00000000-0000-7000-8000-000000000001';
const HEAD_MS = 1_000;

/**
 * The program with its API alone. What a worker would tell is put on its bus: quotes as a feed brings
 * them, and events as the relay does, with all that links them and a head each second.
 */
export async function startProgram({
  database,
  folder,
  owners,
}: ServerOptions): Promise<FanOutServer> {
  if (!database) throw new Error('The program needs a database.');
  const settings = parseSettings({
    variables: {
      ...{ NODE_ENV: 'test', PORT: '0', SIMULATED_MARKET: 'false', LOG_LEVEL: 'error' },
      ...{ OPEN_STREAM_LIMIT: '100000', OPEN_STREAM_LIMIT_PER_ADDRESS: '100000', JWT_SECRET },
      ...{ COST_BUDGET_ANONYMOUS: '1000000000', OPEN_STREAM_LIMIT_PER_PERSON: '100000' },
      // A machine that does other things too is slow, and that is not to be measured.
      ...{ DATABASE_CONNECT_TIMEOUT_MS: '60000', DATABASE_STATEMENT_TIMEOUT_MS: '60000' },
    },
    purpose: 'server',
    rootDirectory: folder,
    developmentSecret: () => JWT_SECRET,
  });
  const config = configWith(settings, database);
  const app = await createApp({ config });
  const server = await startServer({ config, app });
  const { bus } = app;
  const accounts: Account[] = [];
  for (const { userId, accountId } of owners) {
    const viewer = userViewer({ userId, role: 'USER' });
    accounts.push(
      await app.db.snapshot(viewer, (tx) =>
        tx.account.findUniqueOrThrow({ where: { id: accountId } }),
      ),
    );
  }
  const log = createTold();
  // As the relay does it, from the beginning: what has no head is held back.
  setInterval(() => void bus.publish(HEAD_CHANNEL, log.head()), HEAD_MS);

  return {
    port: server.port,
    tellQuote(symbol, stamp) {
      const name = symbolOf(symbol);
      const text = serializeQuote({
        ...{ instrumentId: INSTRUMENT_ID, symbol: name, source: 'SIMULATED' },
        ...{ bid: BID, ask: ASK, last: BID, bidSize: new Decimal(stamp), askSize: SIZE },
        time: new Date(stamp / 1_000),
      });
      void bus.publish(quoteChannel(name), text);
    },
    tellBalance(number, stamp) {
      const account = accounts[number];
      if (!account) return;
      const moved = log.tell({ ...account, cash: new Decimal(stamp) }, stamp);
      const { topic, ownerId } = moved.event;
      const text = encodeMoved(moved);
      void bus.publish(channelOf({ topic }), text);
      if (ownerId !== null) void bus.publish(channelOf({ ownerId }), text);
    },
  };
}

const BID = new Decimal('101.37');
const ASK = new Decimal('101.41');
const SIZE = new Decimal('1200');

/** Gives events their places, as the relay does. */
function createTold() {
  let position = 0n;
  let toldPosition = 0n;
  let fresh = new Map<string, bigint>();
  const lastOf = new Map<string, bigint>();
  return {
    tell(account: Account, stamp: number): MovedEvent {
      const occurredAt = new Date(stamp / 1_000);
      const { topic, type, version, payload } = balanceChanged(account, occurredAt);
      const { ownerId } = account;
      const owner = channelOf({ ownerId });
      position += 1n;
      const moved: MovedEvent = {
        event: {
          ...{ position, previousPosition: lastOf.get(topic) ?? 0n, topic, ownerId, type, version },
          ...{ payload: JSON.stringify(payload), occurredAt, recordedAt: occurredAt },
        },
        ownerPreviousPosition: lastOf.get(owner) ?? 0n,
      };
      for (const channel of [topic, owner]) {
        lastOf.set(channel, position);
        fresh.set(channel, position);
      }
      return moved;
    },
    head(): string {
      const text = encodeHead({ position, since: toldPosition, channels: fresh });
      toldPosition = position;
      fresh = new Map();
      return text;
    },
  };
}
