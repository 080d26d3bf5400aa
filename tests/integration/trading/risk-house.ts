import { randomUUID } from 'node:crypto';
import { createAudit } from '../../../src/services/audit/audit.ts';
import type { Database } from '../../../src/services/platform/database.ts';
import {
  userViewer,
  type AuthenticatedViewer,
  type ViewerApiKey,
} from '../../../src/services/platform/viewer.ts';
import { createHaltedOrders } from '../../../src/services/trading/risk/halted-orders.ts';
import {
  createKillSwitches,
  type SetKillSwitch,
} from '../../../src/services/trading/risk/kill-switches.ts';
import {
  createRiskLimitSettings,
  type SetRiskLimits,
} from '../../../src/services/trading/risk/risk-limits.ts';
import { openOrderHouse } from './order-house.ts';

/** An order house with limits and kill switches, and the worker that looks for orders under them. */
export async function openRiskHouse() {
  const house = await openOrderHouse();
  const { database, time, floor, exchange, owner } = house;
  const ports = {
    ...{ db: database.server, clock: time.clock, ids: floor.ids },
    audit: createAudit({ clock: time.clock, ids: floor.ids }),
  };
  const settings = createRiskLimitSettings(ports);
  const halts = { count: 0 };
  const switches = createKillSwitches({ ...ports, onHalted: () => void (halts.count += 1) });
  const newHaltedOrders = (workerDb: Database = database.worker) =>
    createHaltedOrders({
      ...{ workerDb, clock: time.clock, timers: time.timers },
      logger: { error: (fields, message) => void exchange.errors.push({ fields, message }) },
      onCanceled: exchange.engine.drop,
    });
  const { userId: adminId } = await floor.addPerson();
  await database.query(`UPDATE users SET role = 'ADMIN' WHERE id = $1`, [adminId]);
  const admin = userViewer({ userId: adminId, role: 'ADMIN' });

  const ofAccount = () => ({ scope: 'ACCOUNT', accountId: house.account().id }) as const;
  return {
    ...house,
    ...{ settings, switches, halts, newHaltedOrders, admin, ofAccount },

    setLimits: (limits: SetRiskLimits['limits'], given: Partial<SetRiskLimits> = {}) =>
      settings.set(given.scope === 'DEPLOYMENT' ? admin : owner, {
        ...{ ...(given.scope ? {} : ofAccount()), idempotencyKey: randomUUID(), limits },
        ...(given as { scope: 'USER' }),
      }),

    turn: (
      isOn: boolean,
      given: Partial<SetKillSwitch> & { readonly by?: AuthenticatedViewer } = {},
    ) => {
      const { by = owner, ...wanted } = given;
      return switches.set(by, {
        ...{ ...(wanted.scope ? {} : ofAccount()), isOn, idempotencyKey: randomUUID() },
        ...(wanted as { scope: 'USER' }),
      });
    },

    /** Somebody as their key comes in. */
    botOf: (
      { userId, role }: AuthenticatedViewer,
      given: Partial<ViewerApiKey> = {},
    ): AuthenticatedViewer => {
      const apiKey = { id: randomUUID(), environment: 'LIVE', requestsPerMinute: null } as const;
      return userViewer({ userId, role }, { apiKey: { ...apiKey, scopes: ['TRADE'], ...given } });
    },

    /** What was written down of limits and switches: action, target and what was told. */
    async audited(): Promise<string[]> {
      const rows = await database.query<{ line: string }>(
        `SELECT concat_ws(' ', action, target_type, CASE WHEN target_id IS NULL THEN '-' ELSE 'one' END,
           before->>'isOn', after->>'isOn', before->>'maxOrderValue', after->>'maxOrderValue') AS line
         FROM audit_records ORDER BY occurred_at, id`,
      );
      return rows.map(({ line }) => line);
    },
  };
}
