import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createJoin, type Join } from '../../../src/services/platform/event-log/join.ts';

interface Event {
  readonly position: bigint;
}

const event = (position: number): Event => ({ position: BigInt(position) });
const live = (position: number, previous: number) => ({
  event: event(position),
  previous: BigInt(previous),
});

const toPosition = (position: number | undefined) =>
  position === undefined ? undefined : BigInt(position);

function takeAll(join: Join<Event>): number[] {
  const taken: number[] = [];
  for (let next = join.next(); next; next = join.next()) taken.push(Number(next.position));
  return taken;
}

describe('the join of live and logged events', () => {
  test('hands out what follows on what was handed out', () => {
    const join = createJoin<Event>(4n);
    join.offer(live(7, 4));
    join.offer(live(9, 7));
    expect(takeAll(join)).toEqual([7, 9]);
    expect(join.mustRead).toBe(false);
  });

  test('lets pass at once what is next, and nothing else', () => {
    const join = createJoin<Event>(4n);
    expect(join.pass(live(7, 4))).toBe(true);
    expect([join.pass(live(7, 4)), join.pass(live(11, 9))]).toEqual([false, false]);
    join.offer(live(11, 9));
    // It would be next, but something waits behind it.
    expect(join.pass(live(9, 7))).toBe(false);
    join.offer(live(9, 7));
    expect(takeAll(join)).toEqual([9, 11]);
    join.head({ position: 20n, since: 4n, last: 15n });
    expect(join.pass(live(20, 11))).toBe(false);
  });

  test('holds back what comes after a missing event, until the log gives that', () => {
    const join = createJoin<Event>(4n);
    join.offer(live(9, 7));
    join.offer(live(9, 7));
    expect(takeAll(join)).toEqual([]);
    expect([join.mustRead, join.waitingCount]).toEqual([true, 1]);
    expect(join.page([event(7)], 8n)).toEqual([event(7)]);
    expect(takeAll(join)).toEqual([9]);
  });

  test('hands out an event once that comes both ways', () => {
    const join = createJoin<Event>(4n);
    join.offer(live(7, 4));
    join.offer(live(7, 4));
    expect(join.page([event(7), event(9)], 12n)).toEqual([event(7), event(9)]);
    join.offer(live(9, 7));
    expect(takeAll(join)).toEqual([]);
    expect(join.waitingCount).toBe(0);
  });

  test('asks for the log when the head names an event that did not come', () => {
    const join = createJoin<Event>(4n);
    join.head({ position: 20n, since: 4n, last: 11n });
    expect(join.mustRead).toBe(true);
    expect(join.page([event(11)], 20n)).toEqual([event(11)]);
    expect(join.mustRead).toBe(false);
  });

  test('does not ask when the head names no event of the source, and moves on with it', () => {
    const join = createJoin<Event>(4n);
    join.head({ position: 20n, since: 4n });
    expect([join.mustRead, join.through]).toEqual([false, 20n]);
  });

  test('asks when the news begins after what it knows, since news was missed', () => {
    const join = createJoin<Event>(4n);
    join.head({ position: 20n, since: 10n });
    expect([join.mustRead, join.through]).toEqual([true, 4n]);
  });

  test('asks when the head is known and nothing else', () => {
    const join = createJoin<Event>(4n);
    join.head({ position: 4n });
    expect(join.mustRead).toBe(false);
    join.head({ position: 5n });
    expect(join.mustRead).toBe(true);
  });

  test('reads from the log what it was told to forget', () => {
    const join = createJoin<Event>(4n);
    join.offer(live(9, 7));
    join.offer(live(11, 9));
    join.spill();
    expect([join.waitingCount, join.mustRead]).toEqual([0, true]);
    expect(join.page([event(7), event(9), event(11)], 11n)).toHaveLength(3);
    expect(join.mustRead).toBe(false);
  });
});

/**
 * A log of two sources, the messages of ours on their way, and a reader: any step may happen at any
 * time. Messages may be lost, doubled and delivered in any order, news of the head may be lost.
 */
type Step =
  | { readonly do: 'append'; readonly isOurs: boolean }
  | { readonly do: 'deliver' | 'double' | 'lose'; readonly pick: number }
  | { readonly do: 'tellHead'; readonly isLost: boolean; readonly isBare: boolean }
  | { readonly do: 'beginRead'; readonly limit: number }
  | { readonly do: 'endRead' | 'take' | 'spill' };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ do: fc.constant('append' as const), isOurs: fc.boolean() }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constantFrom('deliver' as const, 'double' as const, 'lose' as const),
        pick: fc.nat(20),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('tellHead' as const),
        isLost: fc.boolean(),
        isBare: fc.boolean(),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('beginRead' as const),
        limit: fc.integer({ min: 1, max: 4 }),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constantFrom('endRead' as const, 'take' as const, 'spill' as const),
      }),
    },
  ),
  { maxLength: 80 },
);

class World {
  readonly ours: number[] = [];
  readonly handedOut: number[] = [];
  readonly join: Join<Event>;
  readonly start: number;
  #head: number;
  #told: number;
  #onTheWay: ReturnType<typeof live>[] = [];
  #page: { events: Event[]; through: number } | undefined;

  constructor(before: readonly boolean[], start: number) {
    this.start = start;
    this.#head = 0;
    for (const isOurs of before) this.append(isOurs);
    this.#onTheWay = [];
    this.#told = this.#head;
    this.join = createJoin<Event>(BigInt(start));
    // A stream reads the log once before it trusts the news.
    this.join.head({ position: BigInt(this.#head) });
  }

  append(isOurs: boolean): void {
    this.#head += 1;
    if (!isOurs) return;
    this.#onTheWay.push(live(this.#head, this.ours.at(-1) ?? 0));
    this.ours.push(this.#head);
  }

  run(step: Step): void {
    switch (step.do) {
      case 'append':
        this.append(step.isOurs);
        break;
      case 'deliver':
      case 'double':
      case 'lose':
        this.#message(step.do, step.pick);
        break;
      case 'tellHead':
        this.#tellHead(step.isLost, step.isBare);
        break;
      case 'beginRead':
        if (this.join.mustRead) this.#page ??= this.#readPage(step.limit);
        break;
      case 'endRead':
        this.#endRead();
        break;
      case 'take':
        // Also while a page is being read, which must not be overtaken.
        this.#take();
        break;
      case 'spill':
        this.join.spill();
        break;
    }
  }

  settle(): void {
    this.#tellHead(false, false);
    const LOOPS_MAX = 200;
    for (let loop = 0; loop < LOOPS_MAX; loop += 1) {
      this.#endRead();
      this.#take();
      if (!this.join.mustRead) return;
      this.#page = this.#readPage(3);
    }
    throw new Error('The join never had enough.');
  }

  #message(what: 'deliver' | 'double' | 'lose', pick: number): void {
    const index = pick % Math.max(1, this.#onTheWay.length);
    const message = this.#onTheWay[index];
    if (!message) return;
    if (what !== 'double') this.#onTheWay.splice(index, 1);
    if (what === 'lose') return;
    // What is next anyway may pass without standing in line, or not: by chance.
    if (pick % 2 === 0 && this.join.pass(message)) {
      this.handedOut.push(Number(message.event.position));
    } else {
      this.join.offer(message);
    }
  }

  #tellHead(isLost: boolean, isBare: boolean): void {
    const since = this.#told;
    this.#told = this.#head;
    if (isLost) return;
    const last = this.ours.findLast((position) => position > since);
    const position = BigInt(this.#head);
    if (isBare) this.join.head({ position });
    else this.join.head({ position, since: BigInt(since), last: toPosition(last) });
  }

  #readPage(limit: number): { events: Event[]; through: number } {
    const after = Number(this.join.through);
    const found = this.ours.filter((position) => position > after).slice(0, limit);
    const last = found.at(-1);
    const through = found.length === limit && last !== undefined ? last : this.#head;
    return { events: found.map(event), through };
  }

  #endRead(): void {
    if (!this.#page) return;
    const { events, through } = this.#page;
    this.#page = undefined;
    const fresh = this.join.page(events, BigInt(through));
    this.handedOut.push(...fresh.map(({ position }) => Number(position)));
  }

  #take(): void {
    this.handedOut.push(...takeAll(this.join));
  }
}

test('whatever is lost, doubled or late, each event is handed out once and in order', () => {
  const before = fc.array(fc.boolean(), { maxLength: 10 });
  fc.assert(
    fc.property(before, fc.nat(10), steps, (history, start, script) => {
      const world = new World(history, Math.min(start, history.length));
      for (const step of script) {
        world.run(step);
        const expected = world.ours.filter((position) => position > world.start);
        expect(world.handedOut).toEqual(expected.slice(0, world.handedOut.length));
      }
      world.settle();
      expect(world.handedOut).toEqual(world.ours.filter((position) => position > world.start));
    }),
    { numRuns: 3_000 },
  );
});
