import { describe, expect, test } from 'vitest';
import { pageCost, parsePage, sliceToPage, toConnection } from '../../../src/schema/connections.ts';

const ID = '0199f3a0-5b1c-7c3e-9d2f-1a2b3c4d5e6f';
const TIME = new Date('2026-03-02T14:30:00.123Z');
const connectionOf = (rows: readonly { id: string; at: Date }[], args: object, hasMore = false) =>
  toConnection({ rows, hasMore }, parsePage(args), {
    keyOf: ({ id, at }) => ({ value: at, id }),
    totalCount: () => Promise.resolve(rows.length),
  });

describe('a page', () => {
  test('has 20 entries when nobody says', () => {
    expect(parsePage({})).toEqual({ limit: 20, isBackward: false });
  });

  test.each([
    { first: 0 },
    { first: -1 },
    { first: 101 },
    { first: 1_000_000 },
    { last: 0 },
    { last: 101 },
  ])('of %o is refused and not capped', (args) => {
    const [field = ''] = Object.keys(args);
    expect(() => parsePage(args)).toThrow(expect.objectContaining({ field }) as Error);
  });

  test('of a time series goes to 5,000', () => {
    expect(parsePage({ first: 5_000 }, { max: 5_000 }).limit).toBe(5_000);
    expect(() => parsePage({ first: 5_001 }, { max: 5_000 })).toThrow(/5000/);
  });

  test('is asked from one end, not from both', () => {
    expect(() => parsePage({ first: 1, last: 1 })).toThrow(/not both/);
  });

  test.each(['x', 'eyJhIjoxfQ', Buffer.from('["2026",1]').toString('base64url'), ''])(
    'behind %s, which is no cursor, is refused',
    (after) => {
      expect(() => parsePage({ after })).toThrow(
        expect.objectContaining({ field: 'after' }) as Error,
      );
    },
  );
});

describe('a cursor', () => {
  test('comes back as the key of its entry', () => {
    const { pageInfo } = connectionOf([{ id: ID, at: TIME }], {});
    const { endCursor } = pageInfo;
    expect(parsePage({ after: endCursor }).after).toEqual({ value: TIME, id: ID });
  });

  test('of another kind of list is refused', () => {
    const cursor = Buffer.from(JSON.stringify(['ACME.SIM', ID])).toString('base64url');
    expect(() => parsePage({ after: cursor })).toThrow(/no cursor of this list/);
    expect(parsePage({ after: cursor }, { kind: 'text' }).after?.value).toBe('ACME.SIM');
  });
});

describe('page info', () => {
  const rows = [{ id: ID, at: TIME }];
  const cursor = connectionOf(rows, {}).pageInfo.startCursor;

  test('says whether there is more ahead, and that there was something before', () => {
    expect(connectionOf(rows, { first: 1, after: cursor }, true).pageInfo).toMatchObject({
      hasNextPage: true,
      hasPreviousPage: true,
    });
    expect(connectionOf(rows, { last: 1 }, true).pageInfo).toMatchObject({
      hasNextPage: false,
      hasPreviousPage: true,
    });
  });

  test('of an empty page has no cursors', () => {
    expect(connectionOf([], {}).pageInfo).toMatchObject({ startCursor: null, endCursor: null });
  });
});

describe('the price of a page', () => {
  test('grows with its size, and no further than the largest', () => {
    expect(pageCost({ first: 50 }).multiplier).toBe(50);
    expect(pageCost({}).multiplier).toBe(20);
    expect(pageCost({ last: 7 }).multiplier).toBe(7);
    // It will be refused for its size, so the price must not hide that.
    expect(pageCost({ first: 1_000_000 }).multiplier).toBe(100);
    expect(pageCost({ first: -5 }).multiplier).toBe(1);
  });

  test('counts twenty points of a time series as one entry', () => {
    expect(pageCost({ first: 5_000 }, { max: 5_000, entriesPerPoint: 20 }).multiplier).toBe(250);
  });
});

describe('a slice of a list in memory', () => {
  const board = ['a', 'b', 'c', 'd', 'e'];
  const slice = (request: object) =>
    sliceToPage(board, { limit: 2, isBackward: false, ...request }, (letter) => letter);
  const key = (id: string) => ({ value: id, id });

  test('goes on behind its cursor, in both directions', () => {
    expect(slice({})).toEqual({ rows: ['a', 'b'], hasMore: true });
    expect(slice({ after: key('b') })).toEqual({ rows: ['c', 'd'], hasMore: true });
    expect(slice({ after: key('d') })).toEqual({ rows: ['e'], hasMore: false });
    expect(slice({ isBackward: true })).toEqual({ rows: ['d', 'e'], hasMore: true });
    expect(slice({ isBackward: true, before: key('d') })).toEqual({
      rows: ['b', 'c'],
      hasMore: true,
    });
  });

  test('refuses a cursor of something that is not there', () => {
    expect(() => slice({ after: key('z') })).toThrow(/no cursor/);
  });
});
