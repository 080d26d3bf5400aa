import { Pool } from 'pg';
import { createDatabase, type Database } from '../src/services/platform/database.ts';
import { roleUrl } from '../src/services/platform/migrations/roles.ts';
import { createExchange } from '../tests/support/exchange.ts';
import { createTradingFloor, decimal } from '../tests/support/trading-floor.ts';
import type { Account, Instrument } from '../src/services/platform/prisma/client.ts';
import type { FloorAccount } from './order-floor.ts';

const OPTIONS = {
  acquireTimeoutMs: 60_000,
  transactionTimeoutMs: 60_000,
  statementTimeoutMs: 60_000,
};
const QUOTE_EVERY_MS = 1_000;
/** Of an order that is filled while it is placed. */
const EVENTS = 5;

/** The services of trading over a database, with an account and an instrument for each client. */
export interface OrderHouse {
  /** Places an order of one of the clients, and answers when it is filled. */
  place(client: number): Promise<void>;
  /** Accounts that nobody trades in but the floor. */
  readonly floorAccounts: readonly FloorAccount[];
  /** What the events of an order and its fill tell, as they were written last. */
  payloads(): Promise<string>;
  close(): Promise<void>;
}

/** Engine and orders in this process, without relay, market and HTTP. */
export async function openOrderHouse(
  ownerUrl: string,
  { clients, poolSize }: { readonly clients: number; readonly poolSize: number },
): Promise<OrderHouse> {
  const pool = new Pool({ connectionString: ownerUrl, max: 2 });
  pool.on('error', () => undefined);
  const query = async <Row>(sql: string, values: readonly unknown[] = []) =>
    (await pool.query(sql, [...values])).rows as Row[];
  const open = (role: 'tradegraph_server' | 'tradegraph_worker'): Database =>
    createDatabase({ ...OPTIONS, poolSize, url: roleUrl(ownerUrl, role) });
  const [server, worker] = [open('tradegraph_server'), open('tradegraph_worker')];
  const floor = createTradingFloor({ server, worker, query });
  // As long as it takes: an answer is measured when its order is filled.
  const exchange = createExchange({ server, worker }, floor, { orders: { firstNewsMs: 60_000 } });
  const owner = await floor.addPerson();
  const [accounts, instruments] = [[] as Account[], [] as Instrument[]];
  const floorAccounts: FloorAccount[] = [];
  for (let client = 0; client < clients; client += 1) {
    const instrument = await floor.addInstrument({ feeBps: decimal(10) });
    accounts.push(await floor.openAccount(owner, '100000000'));
    instruments.push(instrument);
    const account = await floor.openAccount(owner, '100000000');
    await floor.hold(account, instrument, '1');
    const [position] = await query<{ id: string }>(
      'SELECT id FROM positions WHERE account_id = $1',
      [account.id],
    );
    floorAccounts.push({
      ...{ id: account.id, ownerId: owner.userId },
      ...{ instrumentId: instrument.id, positionId: position?.id ?? '' },
    });
  }
  const quote = (): void => {
    for (const instrument of instruments) exchange.quote(instrument, { askSize: '1000000' });
  };
  quote();
  await exchange.engine.start();
  const timer = setInterval(quote, QUOTE_EVERY_MS);

  return {
    floorAccounts,
    async place(client) {
      const [account, instrument] = [accounts[client], instruments[client]];
      if (!account || !instrument) throw new Error(`There is no client ${String(client)}.`);
      const order = await exchange.place(owner, account, { instrument, quantity: '1' });
      if (order.status !== 'FILLED') throw new Error(`An order is ${order.status}.`);
    },
    async payloads() {
      const [row] = await query<{ payloads: string }>(
        `SELECT jsonb_agg(payload ORDER BY id)::text AS payloads
         FROM (SELECT id, payload FROM outbox ORDER BY id DESC LIMIT ${String(EVENTS)}) AS newest`,
      );
      return row?.payloads ?? '[]';
    },
    async close() {
      clearInterval(timer);
      await exchange.engine.stop();
      await Promise.all([server.close(), worker.close(), pool.end()]);
      const [error] = exchange.errors;
      if (error) throw new Error(`${error.message} ${JSON.stringify(error.fields)}`);
    },
  };
}
