import type { GraphClient } from '../../support/graph-client.ts';
import { placeOrder } from '../../support/paper-accounts.ts';
import { until } from '../../support/until.ts';

/** How long it takes until an order at the market is filled, prices and leases included. */
export async function timeOfFill(
  graph: GraphClient,
  { accountId, round }: { readonly accountId: string; readonly round: number },
): Promise<number> {
  const startedMs = performance.now();
  let attempt = 0;
  await until('an order is filled', async () => {
    attempt += 1;
    const wanted = { accountId, symbol: 'ACME.SIM', side: 'BUY', quantity: '1' } as const;
    const clientOrderId = `fill-${String(round)}-${String(attempt)}`;
    const answer = await placeOrder(graph, { ...wanted, clientOrderId });
    return answer.kind === 'placed' && answer.order.status === 'FILLED';
  });
  return Math.round(performance.now() - startedMs);
}
