import { NotFound } from '../platform/errors.ts';
import { ZERO, type Decimal } from '../platform/money.ts';
import { accountsOf } from '../platform/owner-filter.ts';
import { askOf, type Query } from '../platform/query.ts';
import type { Database, Tx } from '../platform/database.ts';
import type { Viewer } from '../platform/viewer.ts';
import { requireCapability } from '../accounts/capabilities.ts';
import { buyingPowerOf } from '../portfolio/events.ts';
import { reckon } from './engine/reckoning.ts';
import type { OrderDenied } from './errors.ts';
import { judge } from './gate.ts';
import { circumstancesFrom, circumstancesOf } from './order-rows.ts';
import { expiryOf } from './placement-terms.ts';
import { costOf, type OrderCost } from './order-cost.ts';
import { parsePlacement, type PlaceOrder, type Placement } from './placement.ts';
import { quoteToJudgeBy, QUOTE_FRESHNESS_MS, type QuoteSource } from './quote-source.ts';
import { denialOf } from './refusal.ts';
import { judgeVenue, refuseGroupAtBroker } from './brokers/venue-gate.ts';
import type { OrdersPorts } from './orders.ts';
import { readRisk } from './risk/standing.ts';
import type { Clock } from '../platform/clock.ts';

/** What would come of an order now. Nothing is stored, and nothing is promised. */
export interface OrderPreview extends OrderCost {
  /** What the gate would say against it; null if it would pass. */
  readonly refusal: OrderDenied | null;
  /** Cash that it would hold back until it fills. */
  readonly reserve: Decimal;
  /** What is free now, and after it was placed. */
  readonly buyingPower: Decimal;
  readonly buyingPowerAfter: Decimal;
}

export interface OrderPreviews {
  /**
   * Asks the gate without placing, for accounts at brokers as well. Throws what
   * {@link parsePlacement} throws, NotFound for an account that is not the viewer's and for a
   * symbol that is not there, and Forbidden for a viewer below USER.
   */
  preview(viewer: Viewer, command: Omit<PlaceOrder, 'clientOrderId'>): Promise<OrderPreview>;
}

/**
 * Stands for the one that an order will have. An order may have this one as well: nobody looks at
 * that.
 */
const CLIENT_ORDER_ID = 'preview';

export interface OrderPreviewsPorts {
  readonly db: Database;
  readonly clock: Clock;
  readonly quotes: Pick<QuoteSource, 'latest' | 'recent'>;
  readonly quoteFreshnessMs?: number;
  /** Whether the deployment trades real money; it does not when this is left out. */
  readonly isLiveTrading?: boolean;
  /** As before placing: what is traded at a broker is judged by the price there. */
  readonly beforePlacing?: OrdersPorts['beforePlacing'];
}

export function createOrderPreviews(ports: OrderPreviewsPorts): OrderPreviews {
  const { db, clock, quotes, quoteFreshnessMs: freshnessMs = QUOTE_FRESHNESS_MS } = ports;
  return {
    async preview(viewer, command) {
      requireCapability(viewer, 'TRADE');
      const order = parsePlacement({ ...command, clientOrderId: CLIENT_ORDER_ID });
      await ports.beforePlacing?.(viewer, order);
      const now = clock.now();
      const { account, circumstances, ...rest } = await db.snapshot(viewer, (tx) =>
        look(tx, ports, { viewer, order, now }),
      );
      const { instrument, holding } = circumstances;
      expiryOf(order, { timetable: instrument, now });
      const quote = quoteToJudgeBy(quotes, instrument, { now, freshnessMs });
      const reckoned = reckon(order, quote, instrument);
      const input = { account, instrument, order: reckoned, quote, holding, ...rest, now };
      const verdict = judge(input);
      const reserve = verdict.isAllowed ? verdict.reserve : ZERO;
      const buyingPower = buyingPowerOf(account);
      return {
        refusal: verdict.isAllowed ? null : denialOf(verdict.refusal, null),
        ...costOf(reckoned, { instrument, quote, account, quotes }),
        ...{ reserve, buyingPower, buyingPowerAfter: buyingPower.minus(reserve) },
      };
    },
  };
}

/** What the gate judges by, as one state of the database. */
async function look(
  tx: Tx,
  { quotes, isLiveTrading = false }: OrderPreviewsPorts,
  {
    viewer,
    order,
    now,
  }: { readonly viewer: Viewer; readonly order: Placement; readonly now: Date },
) {
  const where = { id: order.accountId, ...accountsOf(viewer) };
  const account = await tx.account.findFirst({ where });
  if (!account) throw new NotFound('Account');
  refuseGroupAtBroker(account, order);
  const [row] = await askOf(tx, circumstancesOf(order));
  if (!row) throw new NotFound('Instrument');
  const circumstances = circumstancesFrom(row);
  const ask = <Row extends object>(query: Query<Row>) => askOf(tx, query);
  const { instrument } = circumstances;
  const venueRefusal = await judgeVenue(ask, { account, instrument, isLiveTrading });
  const risk = await readRisk(account, { circumstances, ask, quotes, now, isPreview: true });
  return { account, circumstances, risk, venueRefusal };
}
