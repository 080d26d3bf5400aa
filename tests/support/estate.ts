import { randomUUID } from 'node:crypto';
import { createMarketHours } from '../../src/services/market/market-hours.ts';
import type { Account, Instrument } from '../../src/services/platform/prisma/client.ts';
import type { AccountKind, OrderSide, UserRole } from '../../src/services/platform/prisma/enums.ts';
import { anonymousViewer, systemViewer } from '../../src/services/platform/viewer.ts';
import { OrderDenied } from '../../src/services/trading/errors.ts';
import { refusalOf } from './books.ts';
import type { TestDatabase } from './database.ts';
import { createFixedClock } from './fixed-clock.ts';
import { addStrangeOrders, addTradingRows } from './estate-trading.ts';
import { addSecrets, sealSecrets } from './estate-secrets.ts';
import type { Graph } from './graph.ts';
import { eventually } from './outbox.ts';
import { addModel } from './owned-model.ts';
import { addPerson, type Person } from './people.ts';
import { openSmallMarket } from './small-market.ts';
import { decimal, type TradingFloor } from './trading-floor.ts';

/** Money spent on the provider of each model: a number that nothing else in the graph has. */
export const COST_USD = '7.770123';
/** How the client order ids of the owner begin. */
export const CLIENT_ORDER_ID = 'order-of-the-owner';

/** What the owner logs in with. */
export const DEVICE = { address: '192.0.2.77', userAgent: 'the device of the owner' };

export type Estate = Awaited<ReturnType<typeof settleEstate>>;

/**
 * Starts the program on a database where one person owns something of every kind, made as people and
 * models make it: a private model, a public one with a private log, and one that publishes its log;
 * an account of their own; orders filled, working and denied; positions open and closed. The others
 * (a stranger, one who may only look, an administrator, two who wait for approval) own nothing.
 */
export async function settleEstate(graph: Graph, database: TestDatabase) {
  const { floor, acme, beta, thin } = await openSmallMarket(graph, database);
  const person = (username: string, role: UserRole) =>
    addPerson(graph, database, { username, role });
  const owner = await person('owner_ada', 'USER');
  const stranger = await person('stranger_bob', 'USER');
  const viewer = await person('viewer_vera', 'VIEWER');
  const admin = await person('admin_root', 'ADMIN');
  const pending = await person('pending_pia', 'USER');
  const unwanted = await person('unwanted_uwe', 'USER');
  const goner = await person('gone_gil', 'USER');
  await database.query(`UPDATE users SET status = 'PENDING' WHERE id = ANY ($1)`, [
    [pending.id, unwanted.id],
  ]);
  const house = { graph, database, owner };

  const models = {
    private: await addModel(house, 'private'),
    public: await addModel(house, 'public'),
    published: await addModel(house, 'published'),
  };
  await database.query('UPDATE model_secrets SET cost_usd = $1', [COST_USD]);
  // One that is not always open, so that there is something to tell of its hours: as of a day that its
  // calendar knows, whenever this runs.
  const clock = createFixedClock('2026-11-20T12:00:00Z');
  Object.assign(graph.app.services, { marketHours: createMarketHours({ clock }) });
  const share = { symbol: 'SHARE', calendar: 'US_STOCKS', source: 'IMPORTED' } as const;
  await floor.addInstrument({ ...share, isTradable: false });
  const account = await openAccount(database, floor, owner);
  const spareAccount = await openAccount(database, floor, owner);
  const externalAccount = await openAccount(database, floor, owner, 'EXTERNAL');
  const place = createPlacing(house);
  const order = await place(account, { instrument: acme, quantity: '10' });
  await place(account, { instrument: beta, quantity: '2' });
  await place(account, { instrument: beta, quantity: '2', side: 'SELL' });
  const workingOrder = await place(account, { instrument: thin, quantity: '20' });
  const restingOrder = await placeResting(graph, { account, owner, instrument: acme });
  const denied = await refusalOf(place(account, { instrument: acme, quantity: '1000000' }));
  if (!(denied instanceof OrderDenied)) throw denied;
  const { runId } = models.published.line;
  const publishedOrder = await place(models.published.account, {
    ...{ instrument: acme, quantity: '5', runId },
  });

  await addHistory(database, account);
  await addTradingRows(database, account);
  await addStrangeOrders(database, account);
  // Before there are second factors, which these log-ins would have to show.
  const sessions = await openSessions(graph, owner);
  await addSecrets(database, owner);
  await database.query(
    `INSERT INTO approved_emails (id, email_key, added_by, created_at)
     VALUES (gen_random_uuid(), 'approved@secret.example', $1, now())`,
    [admin.id],
  );
  await database.query(
    `INSERT INTO ai_providers (name, is_enabled, base_url, models, key_id, sealed_key, fingerprint, updated_at)
     VALUES ('deepseek', true, 'https://models.example.com', '{chat}', 'development', 'sealed', 'f2f2', now())`,
  );
  await database.query(
    `INSERT INTO audit_records (id, occurred_at, actor_id, action, target_type, target_id, before, after,
       address, user_agent, request_id)
     VALUES ('00000000-0000-7000-8000-000000000001', now(), $1, 'user.updated', 'User', $2, '{"kycStatus": "NONE"}',
       '{"kycStatus": "PENDING"}', '192.0.2.1', 'tests', 'request-of-the-estate')`,
    [admin.id, owner.id],
  );
  await sealSecrets(database, owner, graph.config);
  const article = await addArticle(database);
  await untilQuiet(database);
  return {
    ...{ graph, database, floor, owner, stranger, viewer, admin, pending, unwanted, goner },
    ...{
      spareAccount,
      externalAccount,
      models,
      account,
      instrument: acme,
      order,
      workingOrder,
      restingOrder,
      place,
    },
    ...{ article, publishedOrder, deniedOrder: { id: String(denied.orderId) } },
    sessions,
    trade: await rowOf(database, 'trades', ['order_id', order.id]),
    publishedTrade: await rowOf(database, 'trades', ['order_id', publishedOrder.id]),
    position: await rowOf(database, 'positions', ['account_id', account.id]),
    credential: await rowOf(database, 'credentials', ['owner_id', owner.id]),
    passkey: await rowOf(database, 'passkeys', ['owner_id', owner.id]),
    apiKey: await rowOf(database, 'api_keys', ['owner_id', owner.id]),
    webhook: await rowOf(database, 'webhooks', ['owner_id', owner.id]),
    corporateAction: await rowOf(database, 'corporate_actions', ['created_by', owner.id]),
  };
}

/** What an import and the clock leave behind in an account. */
async function addHistory({ query }: TestDatabase, { id }: Account): Promise<void> {
  await query(
    `INSERT INTO equity_points (account_id, at, owner_id, cash, cost, equity)
     SELECT id, created_at, owner_id, starting_cash, 0, starting_cash FROM accounts WHERE id = $1`,
    [id],
  );
  await query(
    `INSERT INTO imported_rows (account_id, line, owner_id, date, action, cash)
     SELECT id, 1, owner_id, '2025-10-01', 'NONE', starting_cash FROM accounts WHERE id = $1`,
    [id],
  );
  // Two closes after the last account opened, to compare its curve with.
  await query(
    `INSERT INTO bars SELECT i.id, 'MINUTE_1', t - interval '1 minute', t, t, 100, 100, 100, 100, 1,
       'SIMULATED'
     FROM instruments i, generate_series(1, 2) AS n,
       LATERAL (SELECT max(created_at) + n * interval '1 millisecond' AS t FROM accounts) AS x
     WHERE i.symbol = 'ACME.SIM'`,
  );
}

/** An article about a symbol of the small market. */
async function addArticle({ query }: TestDatabase): Promise<{ id: string }> {
  const id = randomUUID();
  const mentions = [{ symbol: 'ACME.SIM', relevance: '0.9', sentiment: '0.25' }];
  await query(
    `INSERT INTO news_articles (id, known_at, title, url, summary, source, symbols, sentiment, mentions)
     VALUES ($1, '2026-11-20T12:00:00Z', 'Acme opens a plant', 'https://news.example/acme', 'It grows.',
       'Example News', '{ACME.SIM}', 0.2, $2)`,
    [id, JSON.stringify(mentions)],
  );
  return { id };
}

/** Two sessions of a person that tell where they were opened, and one of them ended. */
async function openSessions(
  { app: { services } }: Graph,
  { username: login, password }: Person,
): Promise<Readonly<Record<'open' | 'ended', { id: string }>>> {
  const open = async () => {
    const { accessToken } = await services.sessions.logIn(anonymousViewer(DEVICE), {
      ...{ login, password },
    });
    const { viewer } = await services.sessions.authenticate(accessToken);
    return { id: String(viewer.sessionId), viewer };
  };
  const ended = await open();
  await services.sessions.logOut(ended.viewer);
  return { open: await open(), ended };
}

/** Waits until the relay has moved all events to the log. */
export async function untilQuiet({ query }: Pick<TestDatabase, 'query'>): Promise<void> {
  await eventually(
    'the outbox is empty',
    async () => (await query('SELECT 1 FROM outbox LIMIT 1')).length === 0,
  );
}

function openAccount(
  { worker }: TestDatabase,
  { portfolios, clock }: TradingFloor,
  { id: ownerId }: Person,
  kind: AccountKind = 'PAPER',
): Promise<Account> {
  return worker.withViewer(systemViewer(), (tx) =>
    portfolios.open(tx, {
      ...{ ownerId, name: 'Savings of the owner', kind, currency: 'USD' },
      ...{ zone: 'America/Chicago', startingCash: decimal(20_000), occurredAt: clock.now() },
    }),
  );
}

/** An order that waits for its stop for a year: it has all terms that an order can have. */
async function placeResting(
  { app }: Graph,
  {
    account,
    owner,
    instrument,
  }: { readonly account: Account; readonly owner: Person; readonly instrument: Instrument },
): Promise<{ readonly id: string }> {
  const { clock, services } = app;
  const DAY_MS = 86_400_000;
  return services.orders.place(owner.viewer(), {
    ...{ accountId: account.id, symbol: instrument.symbol, side: 'BUY', type: 'STOP_LIMIT' },
    ...{ quantity: decimal(1), stopPrice: decimal(900), limitPrice: decimal(901) },
    ...{ timeInForce: 'GTD', expiresAt: new Date(clock.now().getTime() + 360 * DAY_MS) },
    clientOrderId: `${CLIENT_ORDER_ID}-resting`,
  });
}

interface NewOrder {
  readonly instrument: Instrument;
  readonly quantity: string;
  readonly side?: OrderSide;
  readonly runId?: string;
}

/** Places orders as their owner does, each answered once the engine has filled something of it. */
function createPlacing({ graph: { app }, owner }: { graph: Graph; owner: Person }) {
  const { orders } = app.services;
  let placed = 0;
  return async ({ id: accountId }: Account, order: NewOrder): Promise<{ id: string }> => {
    const { instrument, quantity, side = 'BUY', ...run } = order;
    placed += 1;
    const { id } = await orders.place(owner.viewer(), {
      ...{ accountId, symbol: instrument.symbol, side, ...run },
      quantity: decimal(quantity),
      clientOrderId: `${CLIENT_ORDER_ID}-${placed}`,
    });
    await eventually('the order is filled', async () => {
      const [found] = await orders.list(owner.viewer(), { where: { id } }, {});
      return found?.filledQuantity.greaterThan(0);
    });
    return { id };
  };
}

type TableOfThings =
  | 'api_keys'
  | 'corporate_actions'
  | 'credentials'
  | 'passkeys'
  | 'positions'
  | 'trades'
  | 'webhooks';

/** The first row where a column has a value. */
async function rowOf(
  { query }: TestDatabase,
  table: TableOfThings,
  [column, value]: readonly [string, string],
): Promise<{ id: string }> {
  const [row] = await query<{ id: string }>(
    `SELECT id FROM ${table} WHERE ${column} = $1 ORDER BY id LIMIT 1`,
    [value],
  );
  if (!row) throw new Error(`There is no such row of ${table}.`);
  return row;
}
