import { createApp } from '../src/app.ts';
import { startServer } from '../src/server.ts';
import { quoteChannel, serializeQuote } from '../src/services/market/quote.ts';
import { configWith, parseSettings } from '../src/services/platform/config/settings.ts';
import { encodeMoved } from '../src/services/platform/event-log/event-message.ts';
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
 * them, and events as the relay does, with all that links them and a head each second. What writing an
 * event and its message costs is the worker's, so most of the message is made before it is measured.
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
  const tellers: ReturnType<typeof createTeller>[] = [];
  const log = createTold();
  for (const { userId, accountId } of owners) {
    const viewer = userViewer({ userId, role: 'USER' });
    const account = await app.db.snapshot(viewer, (tx) =>
      tx.account.findUniqueOrThrow({ where: { id: accountId } }),
    );
    tellers.push(createTeller(account, log));
  }
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
      const teller = tellers[number];
      if (!teller) return;
      const text = teller.tell(stamp);
      for (const channel of teller.channels) void bus.publish(channel, text);
    },
  };
}

const BID = new Decimal('101.37');
const ASK = new Decimal('101.41');
const SIZE = new Decimal('1200');

/** Stand in a message for what each one has of its own. */
const CASH = '1111111111111111';
const POSITION = 2_222_222_222_222_222n;
const PREVIOUS = 3_333_333_333_333_333n;

/** Tells new balances of one account. */
function createTeller(account: Account, log: ReturnType<typeof createTold>) {
  const { ownerId } = account;
  const occurredAt = new Date();
  const event = balanceChanged({ ...account, cash: new Decimal(CASH) }, occurredAt);
  const { topic, type, version, payload } = event;
  const links = { position: POSITION, previousPosition: PREVIOUS, topic, ownerId };
  const times = { occurredAt, recordedAt: occurredAt };
  const message = encodeMoved({
    event: { ...links, ...times, type, version, payload: JSON.stringify(payload) },
    ownerPreviousPosition: PREVIOUS,
  });
  const parts = message.split(new RegExp(`(${CASH}|${POSITION}|${PREVIOUS})`));
  const channels = [channelOf({ topic }), channelOf({ ownerId })];
  let previous = 0n;
  return {
    channels,
    tell(stamp: number): string {
      const position = log.next(channels);
      let text = '';
      for (const part of parts) {
        if (part === CASH) text += String(stamp);
        else if (part === String(POSITION)) text += String(position);
        else text += part === String(PREVIOUS) ? String(previous) : part;
      }
      previous = position;
      return text;
    },
  };
}

/** Gives events their places, as the relay does. */
function createTold() {
  let position = 0n;
  let toldPosition = 0n;
  let fresh = new Map<string, bigint>();
  return {
    next(channels: readonly string[]): bigint {
      position += 1n;
      for (const channel of channels) fresh.set(channel, position);
      return position;
    },
    head(): string {
      const text = encodeHead({ position, since: toldPosition, channels: fresh });
      toldPosition = position;
      fresh = new Map();
      return text;
    },
  };
}
