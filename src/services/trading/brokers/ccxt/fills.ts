import { z } from 'zod';
import type { Decimal } from '../../../platform/money.ts';
import { BrokerUnreachable } from '../errors.ts';
import { markAfter, readCursor, writeCursor, type Cursor, type Mark } from './cursor.ts';
import { fillOf, type FeePrices } from './mapper.ts';
import { ccxtTrade, type CcxtTrade } from './parser.ts';
import type { Broker, BrokerQuote } from '../broker.ts';
import type { CcxtClient } from './client.ts';

export interface CcxtFillsPorts {
  readonly client: CcxtClient;
  readonly currency: string;
  /** Where a market begins that was never read. */
  readonly fromMs: number;
  /**
   * Markets whose trades are asked for; undefined for an exchange that tells those of all at once.
   */
  readonly markets: () => Promise<readonly string[] | undefined>;
  readonly quote: (symbol: string) => Promise<BrokerQuote | null>;
}

/** Every exchange gives as many at once. */
const PAGE = 50;
const DAY_MS = 86_400_000;
/** Days without a trade that are stepped over at most. */
const DAYS_MAX = 400;
/** Pages that are read backwards at most: 2,000 trades between two looks. */
const PAGES_BACK_MAX = 40;
const ALL = '';

const trades = z.array(ccxtTrade);
const timeOf = ({ timestamp }: CcxtTrade): number => timestamp.getTime();
const keyOf = ({ id, order, symbol }: CcxtTrade): string => `${id}/${order}/${symbol}`;
const listed = (trade: CcxtTrade) => ({ key: keyOf(trade), timeMs: timeOf(trade) });
/** Sorted, and each once, whatever the exchange did. */
const inOrder = (page: readonly CcxtTrade[]): readonly CcxtTrade[] =>
  [...new Map(page.map((trade) => [keyOf(trade), trade])).values()].sort(
    (a, b) => timeOf(a) - timeOf(b),
  );

/**
 * The fills of an account, market by market, since ccxt's exchanges have no list of all with a
 * cursor.
 */
export function createCcxtFills(ports: CcxtFillsPorts): Pick<Broker, 'newestFill' | 'fillsAfter'> {
  const { client, fromMs } = ports;
  const page: Page = async (market, { sinceMs, untilMs } = {}) =>
    inOrder(
      await client.read(trades, (exchange) =>
        exchange.fetchMyTrades(
          market === ALL ? undefined : market,
          sinceMs,
          PAGE,
          untilMs === undefined ? {} : { until: String(untilMs) },
        ),
      ),
    );
  const markets = async () => (await ports.markets()) ?? [ALL];

  return {
    async newestFill() {
      const marks: Record<string, Mark> = {};
      for (const market of await markets()) {
        const newest = await page(market);
        const [oldest] = newest;
        if (!oldest) continue;
        // What is not on the page was before it.
        const floorMs = newest.length < PAGE ? 0 : timeOf(oldest) + 1;
        marks[market] = markAfter(floorMs, newest.map(listed));
      }
      return writeCursor({ fromMs, marks });
    },

    async fillsAfter(text) {
      const cursor = readCursor(text, fromMs);
      const marks: Record<string, Mark> = { ...cursor.marks };
      const found: CcxtTrade[] = [];
      let hasMore = false;
      for (const market of await markets()) {
        const read = await readMarket(page, cursor, market);
        found.push(...read.found);
        if (read.mark) marks[market] = read.mark;
        hasMore ||= read.hasMore;
      }
      const prices = await feePrices(ports, found);
      return {
        fills: inOrder(found).map((trade) => fillOf(trade, prices)),
        cursor: writeCursor({ fromMs: cursor.fromMs, marks }),
        hasMore,
      };
    },
  };
}

type Page = (
  market: string,
  range?: { readonly sinceMs?: number; readonly untilMs?: number },
) => Promise<readonly CcxtTrade[]>;

interface Read {
  readonly found: readonly CcxtTrade[];
  /** Undefined where there is no trade yet. */
  readonly mark: Mark | undefined;
  readonly hasMore: boolean;
}

/** What was traded in a market after its mark. */
async function readMarket(page: Page, cursor: Cursor, market: string): Promise<Read> {
  const mark = cursor.marks[market] ?? { floorMs: cursor.fromMs, ids: [] };
  const { floorMs } = mark;
  const told = new Set(mark.ids);
  const newest = await page(market);
  const [oldest] = newest;
  const isNew = (trade: CcxtTrade): boolean => timeOf(trade) >= floorMs && !told.has(keyOf(trade));
  /** When none since the mark is missing. */
  const readAll = (all: readonly CcxtTrade[]): Read => {
    const since = all.filter((trade) => timeOf(trade) >= floorMs);
    const next = since.length > 0 ? markAfter(floorMs, since.map(listed)) : cursor.marks[market];
    return { found: all.filter(isNew), mark: next, hasMore: false };
  };
  if (!oldest || newest.length < PAGE || timeOf(oldest) < floorMs) return readAll(newest);
  const earlier = await pageSince(page, { market, floorMs, beforeMs: timeOf(oldest) });
  if (!earlier) return readAll(await pagesBack(page, { market, floorMs, newest }));
  const last = earlier.at(-1) ?? oldest;
  const found = earlier.filter(isNew);
  if (found.length === 0) throw tooMuch(market);
  // Only up to here all is known: what comes next is read from here on.
  const next = earlier.filter((trade) => timeOf(trade) >= timeOf(last)).map(listed);
  return { found, mark: markAfter(timeOf(last), next), hasMore: true };
}

const tooMuch = (market: string): BrokerUnreachable =>
  new BrokerUnreachable(`More was traded in ${market || 'all markets'} than can be read.`);

/**
 * The oldest page since then; undefined of an exchange that begins with the newest all the same.
 * Some look no further than a day on: days without trades are skipped.
 */
async function pageSince(
  page: Page,
  given: { readonly market: string; readonly floorMs: number; readonly beforeMs: number },
): Promise<readonly CcxtTrade[] | undefined> {
  const { market, floorMs, beforeMs } = given;
  for (let day = 0; day < DAYS_MAX; day += 1) {
    const sinceMs = floorMs + day * DAY_MS;
    if (sinceMs > beforeMs) break;
    const found = await page(market, { sinceMs });
    const [oldest] = found;
    if (oldest) return timeOf(oldest) < beforeMs ? found : undefined;
  }
  return undefined;
}

/**
 * The newest page and those before it, back to the mark. Each ends where the one after it begins,
 * that moment included: so nothing is left out between them. Throws BrokerUnreachable where that
 * leads no further.
 */
async function pagesBack(
  page: Page,
  given: {
    readonly market: string;
    readonly floorMs: number;
    readonly newest: readonly CcxtTrade[];
  },
): Promise<readonly CcxtTrade[]> {
  const { market, floorMs } = given;
  let all = given.newest;
  for (let count = 0; count < PAGES_BACK_MAX; count += 1) {
    const [oldest] = all;
    if (!oldest || timeOf(oldest) < floorMs) return all;
    const before = await page(market, { untilMs: timeOf(oldest) });
    const more = inOrder([...before, ...all]);
    if (before.length < PAGE && before.length > 0) return more;
    if (more.length === all.length) break;
    all = more;
  }
  throw tooMuch(market);
}

/** Prices of the third currencies in which fees were taken, such as an exchange's own coin. */
async function feePrices(
  { currency, quote }: CcxtFillsPorts,
  found: readonly CcxtTrade[],
): Promise<FeePrices> {
  const others = found.flatMap(({ symbol, fees }) =>
    fees.flatMap((fee) =>
      fee.currency === null || symbol.split('/').includes(fee.currency) ? [] : [fee.currency],
    ),
  );
  const prices = new Map<string, Decimal>();
  for (const other of new Set(others)) {
    const price = other === currency ? null : await quote(`${other}/${currency}`);
    if (price) prices.set(other, price.bid);
  }
  return { currency, prices };
}
