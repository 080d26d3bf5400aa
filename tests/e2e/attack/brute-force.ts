import assert from 'node:assert/strict';
import { inParallel, SESSION_TABLES, tally, type Attack } from './attack.ts';
import type { AttackHouse } from './house.ts';
import { ask } from './wire.ts';

const TRIES_MAX = 5;

const logIns = (count: number, login: string): string =>
  `mutation { ${Array.from(
    { length: count },
    (_, n) =>
      `a${String(n)}: logIn(input: { login: "${login}", password: "wrong ${String(n)}" }) {
        ... on Error { code } }`,
  ).join(' ')} }`;

/** What each of many log-ins, one a request, was answered. */
async function tryMany(
  house: AttackHouse,
  calls: readonly { readonly from: string; readonly forwarded?: string }[],
): Promise<string[]> {
  return inParallel(calls, 4, async ({ from, forwarded }) => {
    const { codes } = await ask(house, {
      from,
      query: logIns(1, 'nobody_at_all'),
      ...(forwarded !== undefined && { headers: { 'x-forwarded-for': forwarded } }),
    });
    return codes.join();
  });
}

const WRONG = 'INVALID_CREDENTIALS';
const LIMITED = 'RATE_LIMITED';

export const BRUTE_FORCE: readonly Attack[] = [
  {
    name: '15 log-ins in one request, by aliases',
    refusal: 'each counts: 5 are tried, then RATE_LIMITED',
    async run(house) {
      const from = house.nextAddress();
      const { codes } = await ask(house, { from, query: logIns(15, house.ada.username) });
      assert.deepEqual(codes, [LIMITED]);
      const [tried] = await house.query<{ count: number }>(
        `SELECT count(*)::int FROM audit_records
         WHERE action = 'user.log-in-refused' AND address = $1`,
        [from],
      );
      assert.equal(tried?.count, TRIES_MAX);
      return `${codes.join()}, ${String(tried.count)} tried`;
    },
  },
  {
    name: '20 log-ins in one request',
    refusal: 'QUERY_TOO_COMPLEX (15 aliases at most), and none is tried',
    async run(house) {
      const { codes } = await ask(house, {
        from: house.nextAddress(),
        query: logIns(20, house.ada.username),
      });
      assert.deepEqual([...new Set(codes)], ['QUERY_TOO_COMPLEX']);
      return tally(codes);
    },
  },
  {
    name: 'log-ins from one address with 20 made-up X-Forwarded-For',
    refusal: 'the header is nobody’s: 5 are tried, 15 are RATE_LIMITED',
    async run(house) {
      const from = house.nextAddress();
      const calls = Array.from({ length: 20 }, (_, n) => ({
        from,
        forwarded: `198.51.100.${String(n)}`,
      }));
      const codes = await tryMany(house, calls);
      assert.equal(codes.filter((code) => code === LIMITED).length, 20 - TRIES_MAX);
      return tally(codes);
    },
  },
  {
    name: 'the same, with the proxy’s address and more in that header',
    refusal: 'the same',
    async run(house) {
      const from = house.nextAddress();
      const calls = Array.from({ length: 20 }, (_, n) => ({
        from,
        forwarded: `127.0.0.1, 198.51.100.${String(n)}, 127.0.0.1`,
      }));
      const codes = await tryMany(house, calls);
      assert.equal(codes.filter((code) => code === LIMITED).length, 20 - TRIES_MAX);
      return tally(codes);
    },
  },
  {
    name: 'through the trusted proxy, from one address that puts others before its own',
    refusal: 'the proxy’s own word counts: 5 are tried, 15 are RATE_LIMITED',
    async run(house) {
      const real = `203.0.113.${String(Math.floor(performance.now()) % 250)}`;
      const calls = Array.from({ length: 20 }, (_, n) => ({
        from: '127.0.0.1',
        forwarded: `198.51.100.${String(n)}, ${real}`,
      }));
      const codes = await tryMany(house, calls);
      assert.equal(codes.filter((code) => code === LIMITED).length, 20 - TRIES_MAX);
      return tally(codes);
    },
  },
  {
    name: '40 addresses of one IPv6 /64, through the proxy',
    refusal: 'they count as one: 5 are tried',
    async run(house) {
      const net = `2001:db8:${String(Math.floor(performance.now()) % 9_999)}:1`;
      const calls = Array.from({ length: 40 }, (_, n) => ({
        from: '127.0.0.1',
        forwarded: `${net}::${n.toString(16)}`,
      }));
      const codes = await tryMany(house, calls);
      assert.equal(codes.filter((code) => code === WRONG).length, TRIES_MAX);
      return tally(codes);
    },
  },
  {
    name: '30 addresses at one name, whose owner then logs in',
    refusal: 'answers slow down past 20, and the owner comes in',
    isLong: true,
    writes: SESSION_TABLES,
    async run(house) {
      const { username: login, password } = house.victim;
      const times: number[] = [];
      for (let n = 0; n < 26; n += 1) {
        const { tookMs, codes } = await ask(house, {
          from: house.nextAddress(),
          query: logIns(1, login),
        });
        assert.deepEqual(codes, [WRONG]);
        times.push(tookMs);
      }
      const [first = 0, last = 0] = [times[5], times.at(-1)];
      assert.ok(last > first + 1_000, `the last took ${String(last)} ms`);
      const { data } = await ask(house, {
        from: house.nextAddress(),
        query: `mutation { logIn(input: { login: "${login}", password: "${password}" }) { __typename } }`,
        timeoutMs: 30_000,
      });
      assert.deepEqual(data, { logIn: { __typename: 'LogInSuccess' } });
      return `the 6th answer ${first.toFixed(0)} ms, the 26th ${last.toFixed(0)} ms, owner in`;
    },
  },
];
