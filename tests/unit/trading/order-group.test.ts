import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decimal } from '../../../src/services/platform/money.ts';
import {
  consequencesOf,
  isOpen,
  type Consequence,
  type GroupMember,
} from '../../../src/services/trading/engine/order-group.ts';
import {
  remainingOf,
  transition,
  type OrderEvent,
} from '../../../src/services/trading/engine/order-state.ts';

type Status = GroupMember['status'];

const of = (text: string | number) => new Decimal(text);
const member = (
  leg: GroupMember['leg'],
  status: Status,
  { quantity = '10', filled = '0' } = {},
): GroupMember => ({
  ...{ id: String(leg), leg, status, version: 3 },
  ...{ quantity: of(quantity), filledQuantity: of(filled), filledNotional: of(filled) },
});
const bracket = (entry: Status, legs: Status) => ({
  entry: member('ENTRY', entry),
  profit: member('TAKE_PROFIT', legs),
  loss: member('STOP_LOSS', legs),
});
/** What follows, in words: leg and events. */
const told = (consequences: readonly Consequence<GroupMember>[]): string[] =>
  consequences.map(({ member: { leg }, events }) => {
    const words = events.map((event) =>
      event.type === 'resized' ? `resized ${event.quantity.toFixed()}` : event.type,
    );
    return `${String(leg)}: ${words.join(', ')}`;
  });

describe('when an entry fills', () => {
  test('entirely: its legs begin to work', () => {
    const { entry, profit, loss } = bracket('FILLED', 'PENDING');
    expect(
      told(consequencesOf(entry, { type: 'filled', quantity: of(10) }, [profit, loss])),
    ).toEqual(['TAKE_PROFIT: submitted, accepted', 'STOP_LOSS: submitted, accepted']);
  });

  test('in parts: they are for what is filled, and grow with it', () => {
    const { entry, profit } = bracket('PARTIALLY_FILLED', 'PENDING');
    const news = { type: 'filled', quantity: of(4) } as const;
    expect(told(consequencesOf(entry, news, [profit]))).toEqual([
      'TAKE_PROFIT: resized 4, submitted, accepted',
    ]);
    const working = member('TAKE_PROFIT', 'ACCEPTED', { quantity: '4' });
    const partly = member('STOP_LOSS', 'PARTIALLY_FILLED', { quantity: '4', filled: '1' });
    expect(told(consequencesOf(entry, news, [working, partly]))).toEqual([
      'TAKE_PROFIT: resized 8',
      'STOP_LOSS: resized 8',
    ]);
  });
});

describe('when a leg fills', () => {
  test('in part: the other is for so much less, and the entry goes on', () => {
    const profit = member('TAKE_PROFIT', 'PARTIALLY_FILLED', { filled: '3' });
    const others = [member('STOP_LOSS', 'ACCEPTED'), member('ENTRY', 'PARTIALLY_FILLED')];
    expect(told(consequencesOf(profit, { type: 'filled', quantity: of(3) }, others))).toEqual([
      'STOP_LOSS: resized 7', // 10 − 3
    ]);
  });

  test('entirely: the other ends, and so does the rest of the entry', () => {
    const profit = member('TAKE_PROFIT', 'FILLED', { quantity: '4', filled: '4' });
    const others = [member('STOP_LOSS', 'ACCEPTED'), member('ENTRY', 'PARTIALLY_FILLED')];
    expect(told(consequencesOf(profit, { type: 'filled', quantity: of(4) }, others))).toEqual([
      'STOP_LOSS: canceled',
      'ENTRY: canceled',
    ]);
  });
});

describe('when an order of a group ends', () => {
  const asked = { type: 'canceled', isAsked: true } as const;

  test('because somebody cancels it, whichever it is: all others end', () => {
    const { entry, profit, loss } = bracket('ACCEPTED', 'PENDING');
    expect(told(consequencesOf(entry, asked, [profit, loss]))).toHaveLength(2);
    expect(told(consequencesOf(profit, asked, [entry, loss]))).toEqual([
      'ENTRY: canceled',
      'STOP_LOSS: canceled',
    ]);
    const working = bracket('FILLED', 'ACCEPTED');
    expect(told(consequencesOf(working.loss, asked, [working.entry, working.profit]))).toEqual([
      'TAKE_PROFIT: canceled',
    ]);
  });

  test('an entry by itself: legs that wait end with it, legs that guard what is held stay', () => {
    const waiting = bracket('EXPIRED', 'PENDING');
    const legs = [waiting.profit, waiting.loss];
    expect(told(consequencesOf(waiting.entry, { type: 'expired' }, legs))).toEqual([
      'TAKE_PROFIT: expired',
      'STOP_LOSS: expired',
    ]);
    expect(told(consequencesOf(waiting.entry, { type: 'rejected' }, legs))).toEqual([
      'TAKE_PROFIT: canceled',
      'STOP_LOSS: canceled',
    ]);
    const { entry, profit, loss } = bracket('CANCELED', 'ACCEPTED');
    const news = { type: 'canceled', isAsked: false } as const;
    expect(consequencesOf(entry, news, [profit, loss])).toEqual([]);
    expect(consequencesOf(entry, { type: 'expired' }, [profit, loss])).toEqual([]);
  });

  test('a leg by itself: the other ends as well', () => {
    const { profit, loss, entry } = bracket('FILLED', 'ACCEPTED');
    expect(told(consequencesOf(profit, { type: 'expired' }, [entry, loss]))).toEqual([
      'STOP_LOSS: expired',
    ]);
  });

  test('what has ended before is left alone', () => {
    const ended = ['FILLED', 'CANCELED', 'EXPIRED', 'REPLACED', 'REJECTED', 'DENIED'] as const;
    const others = ended.map((status) => member('STOP_LOSS', status));
    const profit = member('TAKE_PROFIT', 'CANCELED');
    expect(consequencesOf(profit, asked, others)).toEqual([]);
  });
});

test('whatever fills: no more leaves than came in, and legs that work have the same left', () => {
  const action = fc.record({
    leg: fc.constantFrom<GroupMember['leg']>('ENTRY', 'TAKE_PROFIT', 'STOP_LOSS'),
    quantity: fc.integer({ min: 1, max: 6 }),
    isCancel: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
  });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 30 }), (actions) => {
      const group = new Map<GroupMember['leg'], GroupMember>();
      group.set('ENTRY', member('ENTRY', 'ACCEPTED'));
      group.set('TAKE_PROFIT', member('TAKE_PROFIT', 'PENDING'));
      group.set('STOP_LOSS', member('STOP_LOSS', 'PENDING'));
      const apply = (one: GroupMember, events: readonly OrderEvent[]): GroupMember => {
        const after = events.reduce(
          (state, event) => ({ ...state, ...transition(state, event) }),
          one,
        );
        group.set(one.leg, after);
        return after;
      };
      for (const { leg, quantity, isCancel } of actions) {
        const one = group.get(leg);
        if (!one || !isOpen(one.status) || (one.status === 'PENDING' && !isCancel)) continue;
        const filled = Decimal.min(quantity, remainingOf(one));
        const after = apply(one, [
          isCancel ? { type: 'canceled' } : { type: 'filled', quantity: filled, price: of(1) },
        ]);
        const news = isCancel
          ? ({ type: 'canceled', isAsked: true } as const)
          : ({ type: 'filled', quantity: filled } as const);
        for (const { member: other, events } of consequencesOf(after, news, [...group.values()])) {
          apply(other, events);
        }
        const [entry, ...legs] = ['ENTRY', 'TAKE_PROFIT', 'STOP_LOSS'].map((name) =>
          group.get(name as GroupMember['leg']),
        );
        const out = legs.reduce((sum, each) => sum.plus(each?.filledQuantity ?? 0), of(0));
        expect(out.lessThanOrEqualTo(entry?.filledQuantity ?? 0)).toBe(true);
        const working = legs.filter(
          (each) => each && isOpen(each.status) && each.status !== 'PENDING',
        );
        const held = new Decimal(entry?.filledQuantity ?? 0).minus(out);
        for (const each of working) {
          expect(each && remainingOf(each).toFixed()).toBe(held.toFixed());
        }
        // Nothing that is held is without a guard, unless somebody took it away.
        if (!held.isZero() && !actions.some((each) => each.isCancel)) {
          expect(working).toHaveLength(2);
        }
      }
    }),
    { numRuns: 1_000 },
  );
});
