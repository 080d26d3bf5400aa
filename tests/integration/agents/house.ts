import { createAgentLog } from '../../../src/services/agents/agent-log.ts';
import type { CreateModel } from '../../../src/services/agents/model-commands.ts';
import { createModels } from '../../../src/services/agents/models.ts';
import { createAudit } from '../../../src/services/audit/audit.ts';
import { createIds } from '../../../src/services/platform/ids.ts';
import { Decimal } from '../../../src/services/platform/money.ts';
import type { UserRole } from '../../../src/services/platform/prisma/enums.ts';
import { randomBytes } from '../../../src/services/platform/random.ts';
import { systemViewer, userViewer } from '../../../src/services/platform/viewer.ts';
import { createLedger } from '../../../src/services/portfolio/ledger.ts';
import { createPortfolios } from '../../../src/services/portfolio/portfolios.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createFixedClock } from '../../support/fixed-clock.ts';

interface TestInstrument {
  readonly symbol: string;
  readonly currency?: string;
  readonly isTradable?: boolean;
}

/** The services of agents over a database of their own, at noon of a day that stands still. */
export async function createHouse() {
  const database = await createTestDatabase();
  const clock = createFixedClock('2026-01-01T12:00:00Z');
  const ids = createIds(clock, randomBytes);
  const audit = createAudit({ clock, ids });
  const db = database.server;
  const portfolios = createPortfolios({ db, ledger: createLedger({ clock, ids }), ids });
  const models = createModels({ db, portfolios, audit, clock, ids });
  let keys = 0;

  const house = {
    database,
    clock,
    ids,
    models,
    portfolios,
    agentLog: createAgentLog({ db, ids }),
    /** A key that was not used before. */
    nextKey: () => `key-${String((keys += 1))}`,

    async addUser(role: UserRole = 'USER') {
      const id = ids.next();
      await database.worker.withViewer(systemViewer(), (tx) =>
        tx.user.create({
          data: {
            ...{ id, username: id, usernameKey: id, email: id, emailKey: id, role },
            ...{ passwordHash: 'none', status: 'ACTIVE', tokenVersion: 0 },
            ...{ createdAt: clock.now(), updatedAt: clock.now() },
          },
        }),
      );
      return { id, viewer: () => userViewer({ userId: id, role }) };
    },

    async addInstrument({ symbol, currency = 'USD', isTradable = true }: TestInstrument) {
      const id = ids.next();
      await database.worker.withViewer(systemViewer(), (tx) =>
        tx.instrument.create({
          data: {
            ...{ id, symbol, name: symbol, assetClass: 'STOCK', currency, isTradable },
            ...{ zone: 'America/New_York', tickSize: '0.01', lotSize: '0.0001' },
            ...{ source: 'SIMULATED', feeBps: '1', createdAt: clock.now() },
          },
        }),
      );
      return id;
    },

    settings: (changed: Partial<CreateModel> = {}): CreateModel => ({
      idempotencyKey: house.nextKey(),
      name: 'Follower',
      universe: ['AAA.SIM', 'BBB.SIM'],
      startingCash: new Decimal('10000.50'),
      intervalSeconds: 60,
      visibility: 'PRIVATE',
      logVisibility: 'PRIVATE',
      prompt: 'Follow the trend.',
      ...changed,
    }),

    /** All that a write of models could have changed, the keys and times of them left out. */
    async state() {
      const [row] = await database.query<{ state: unknown }>(`
        SELECT jsonb_build_object(
          'models', (SELECT coalesce(jsonb_agg(m ORDER BY id), '[]') FROM models m),
          'secrets', (SELECT coalesce(jsonb_agg(s ORDER BY model_id), '[]') FROM model_secrets s),
          'accounts', (SELECT coalesce(jsonb_agg(a ORDER BY id), '[]') FROM accounts a),
          'entries', (SELECT count(*) FROM ledger_entries),
          'log', (SELECT count(*) FROM agent_log),
          'audit', (SELECT count(*) FROM audit_records),
          'outbox', (SELECT count(*) FROM outbox)) AS state`);
      return row?.state;
    },

    eventsOf: (modelId: string) =>
      database.query(
        `SELECT owner_id, type, version, payload FROM outbox WHERE topic = $1 ORDER BY id`,
        [`model:${modelId}`],
      ),
  };
  return house;
}
