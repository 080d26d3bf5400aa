import type { Random } from '../../../src/services/platform/random.ts';
import { createGraphClient } from '../../support/graph-client.ts';
import { announceAction } from '../../support/order-changes.ts';
import { readPrices } from '../../support/paper-accounts.ts';

/** Instruments of which something is announced in each round, and when it takes effect. */
const INSTRUMENTS = 4;
const LEAD_MS = 1_000;
const SPREAD_MS = 3_000;

/**
 * Announces splits of some instruments, which the next round turns back, and dividends of others. They
 * take effect while orders come in, around the time of the kill.
 */
export async function announceActions({
  url,
  adminToken,
  round,
  random,
}: {
  readonly url: string;
  readonly adminToken: string;
  readonly round: number;
  readonly random: Random;
}): Promise<void> {
  const graph = createGraphClient({ url, token: adminToken });
  const symbols = [...(await readPrices(graph)).keys()];
  const [ratioFrom, ratioTo] = round % 2 === 1 ? ['1', '2'] : ['2', '1'];
  for (const [index, symbol] of symbols.slice(0, INSTRUMENTS).entries()) {
    const terms =
      index % 2 === 0
        ? ({ kind: 'SPLIT', ratioFrom, ratioTo } as const)
        : ({ kind: 'DIVIDEND', amount: '0.13' } as const);
    const effectiveAt = new Date(Date.now() + LEAD_MS + random.next() * SPREAD_MS);
    const key = `action-${String(round)}-${symbol}`;
    await announceAction(graph, { ...terms, symbol, effectiveAt, key });
  }
}
