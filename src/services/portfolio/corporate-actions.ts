import { may } from '../accounts/capabilities.ts';
import type { LastPrices } from '../market/last-prices.ts';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { Forbidden, InvalidInput, NotFound } from '../platform/errors.ts';
import { idempotent } from '../platform/idempotency.ts';
import type { Ids } from '../platform/ids.ts';
import { Decimal, toColumn, toText, ZERO } from '../platform/money.ts';
import type { CorporateAction, Prisma } from '../platform/prisma/client.ts';
import { requireUser, type Viewer } from '../platform/viewer.ts';
import { AnnouncementTooLate } from './errors.ts';

/**
 * A split gives `ratioTo` new ones for `ratioFrom` old ones; a dividend pays `amount` for each one.
 */
export type ActionTerms =
  | { readonly kind: 'SPLIT'; readonly ratioFrom: Decimal; readonly ratioTo: Decimal }
  | { readonly kind: 'DIVIDEND'; readonly amount: Decimal };

export interface AnnounceCorporateAction {
  readonly symbol: string;
  readonly terms: ActionTerms;
  /** Who holds the instrument just before has a part in it. Not in the past. */
  readonly effectiveAt: Date;
  readonly idempotencyKey: string;
}

export interface CorporateActionFilter {
  readonly symbol?: string;
}

export interface CorporateActions {
  /**
   * Announces a split or a dividend, which is applied at its time. For administrators; the attempt
   * of anyone else is recorded and throws Forbidden. Throws NotFound for an unknown symbol,
   * AnnouncementTooLate for a time that has passed, and InvalidInput, also for a dividend above the
   * last price, where there is one.
   */
  announce(viewer: Viewer, command: AnnounceCorporateAction): Promise<CorporateAction>;
  /** Everyone's to see, the latest effective first. */
  list(
    viewer: Viewer,
    selection: Prisma.CorporateActionFindManyArgs,
    filter: CorporateActionFilter,
  ): Promise<CorporateAction[]>;
  count(viewer: Viewer, filter: CorporateActionFilter): Promise<number>;
}

export interface CorporateActionsPorts {
  readonly db: Database;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly lastPrices: Pick<LastPrices, 'of'>;
}

const RATIO_MAX = new Decimal(10_000);
const AMOUNT_LIMIT = new Decimal('1e9');
const AHEAD_MAX_MS = 366 * 24 * 60 * 60 * 1000;

export function createCorporateActions(ports: CorporateActionsPorts): CorporateActions {
  const { db, audit, clock, ids } = ports;

  const refuse = async (viewer: Viewer, symbol: string): Promise<never> => {
    await db.withViewer(viewer, (tx) =>
      audit.record(tx, viewer, {
        action: 'corporate-action.refused',
        targetType: 'CorporateAction',
        targetId: null,
        after: { symbol },
      }),
    );
    throw new Forbidden('Only administrators announce splits and dividends.');
  };

  return {
    async announce(viewer, { idempotencyKey: key, symbol, terms, effectiveAt }) {
      const self = requireUser(viewer);
      if (!may(self, 'MANAGE_SETTINGS')) return refuse(self, symbol);
      const parsed = parseTerms(terms);
      const command = { symbol, ...wordsOf(parsed), effectiveAt: effectiveAt.toISOString() };
      const asked = { ownerId: self.userId, operation: 'announceCorporateAction', key, command };
      const price = await lastPriceOf(ports, viewer, symbol);
      const { outcome } = await db.withViewer(viewer, (tx) =>
        idempotent(tx, { ...asked, now: clock.now() }, async () => {
          refuseWrongTime(effectiveAt, clock.now());
          const instrument = await tx.instrument.findUnique({ where: { symbol } });
          if (!instrument) throw new NotFound('Instrument');
          refuseAbovePrice(parsed, price);
          const action = {
            ...{ id: ids.next(), instrumentId: instrument.id, ...columnsOf(parsed), effectiveAt },
            ...{ createdBy: self.userId, createdAt: clock.now() },
          };
          await tx.corporateAction.create({ data: action });
          const target = { targetType: 'CorporateAction', targetId: action.id } as const;
          await audit.record(tx, self, {
            ...{ action: 'corporate-action.announced', ...target, after: command },
          });
          return { actionId: action.id };
        }),
      );
      return db.snapshot(viewer, (tx) =>
        tx.corporateAction.findUniqueOrThrow({ where: { id: outcome.actionId } }),
      );
    },

    list: (viewer, selection, filter) =>
      db.snapshot(viewer, async (tx) => {
        const where = { AND: [selection.where ?? {}, await actionsOf(tx, filter)] };
        return tx.corporateAction.findMany({ ...selection, where });
      }),

    count: (viewer, filter) =>
      db.snapshot(viewer, async (tx) =>
        tx.corporateAction.count({ where: await actionsOf(tx, filter) }),
      ),
  };
}

type Lookup = Parameters<Parameters<Database['snapshot']>[1]>[0];

async function actionsOf(
  tx: Lookup,
  { symbol }: CorporateActionFilter,
): Promise<Prisma.CorporateActionWhereInput> {
  if (symbol === undefined) return {};
  const instrument = await tx.instrument.findUnique({ where: { symbol }, select: { id: true } });
  return instrument ? { instrumentId: instrument.id } : { instrumentId: { in: [] } };
}

function refuseWrongTime(effectiveAt: Date, now: Date): void {
  if (effectiveAt <= now) throw new AnnouncementTooLate(effectiveAt);
  if (effectiveAt.getTime() > now.getTime() + AHEAD_MAX_MS) {
    throw new InvalidInput('effectiveAt', 'What is announced takes effect within a year.');
  }
}

async function lastPriceOf(
  { db, lastPrices }: CorporateActionsPorts,
  viewer: Viewer,
  symbol: string,
): Promise<Decimal | undefined> {
  const where = { symbol };
  const found = await db.snapshot(viewer, (tx) => tx.instrument.findUnique({ where }));
  if (!found) return undefined;
  return (await lastPrices.of(viewer, [found.id])).get(found.id)?.price;
}

/**
 * Nothing pays more than it is worth: it is a slip of the finger, which all accounts would be paid.
 */
function refuseAbovePrice(terms: ActionTerms, price: Decimal | undefined): void {
  if (terms.kind !== 'DIVIDEND' || !price || terms.amount.lessThanOrEqualTo(price)) return;
  throw new InvalidInput('amount', `A dividend is at most the last price, ${toText(price)}.`);
}

function parseTerms(terms: ActionTerms): ActionTerms {
  if (terms.kind === 'DIVIDEND') {
    return { ...terms, amount: parsePart('amount', terms.amount, AMOUNT_LIMIT) };
  }
  const ratioFrom = parsePart('ratioFrom', terms.ratioFrom, RATIO_MAX);
  const ratioTo = parsePart('ratioTo', terms.ratioTo, RATIO_MAX);
  if (ratioFrom.equals(ratioTo)) {
    throw new InvalidInput('ratioTo', 'A split of one for one changes nothing.');
  }
  const times = ratioTo.dividedBy(ratioFrom);
  if (times.greaterThan(RATIO_MAX) || times.times(RATIO_MAX).lessThan(1)) {
    throw new InvalidInput('ratioTo', 'A split is at most 10,000 for one, or one for 10,000.');
  }
  return { kind: 'SPLIT', ratioFrom, ratioTo };
}

function parsePart(field: string, given: Decimal, limit: Decimal): Decimal {
  const part = new Decimal(given);
  const isInRange = part.greaterThan(ZERO) && part.lessThanOrEqualTo(limit);
  if (isInRange && toColumn(part).equals(part)) return part;
  throw new InvalidInput(field, `It is above 0 and at most ${toText(limit)}, with 18 decimals.`);
}

const NO_TERMS = { ratioFrom: null, ratioTo: null, amount: null };

const columnsOf = (terms: ActionTerms) => ({ ...NO_TERMS, ...terms });

function wordsOf(terms: ActionTerms) {
  return terms.kind === 'DIVIDEND'
    ? { kind: terms.kind, amount: toText(terms.amount) }
    : { kind: terms.kind, ratioFrom: toText(terms.ratioFrom), ratioTo: toText(terms.ratioTo) };
}
