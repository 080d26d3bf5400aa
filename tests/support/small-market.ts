import type { Instrument } from '../../src/services/platform/prisma/client.ts';
import { systemViewer } from '../../src/services/platform/viewer.ts';
import type { TestDatabase } from './database.ts';
import type { Graph } from './graph.ts';
import { createTradingFloor, decimal } from './trading-floor.ts';

const PLENTY = '1000000';

/**
 * Starts the program with three instruments, 99 bid and 101 asked each: ACME.SIM, which has a bar as
 * well, BETA.SIM, and THIN.SIM, of which ten can be bought. No quote follows.
 */
export async function openSmallMarket({ app }: Graph, database: TestDatabase) {
  const floor = createTradingFloor(database);
  const acme = await floor.addInstrument({ symbol: 'ACME.SIM' });
  const beta = await floor.addInstrument({ symbol: 'BETA.SIM' });
  const thin = await floor.addInstrument({ symbol: 'THIN.SIM' });
  await addBar(database, acme);
  // The engine takes the instruments that it finds at its start.
  await app.start();
  const quote = ({ id, symbol }: Instrument, askSize: string): void => {
    app.services.quotes.put({
      ...{ instrumentId: id, symbol, time: app.clock.now(), source: 'SIMULATED' },
      ...{ bid: decimal(99), ask: decimal(101), last: decimal(100) },
      ...{ bidSize: decimal(PLENTY), askSize: decimal(askSize) },
    });
  };
  quote(acme, PLENTY);
  quote(beta, PLENTY);
  quote(thin, '10');
  return { floor, acme, beta, thin };
}

async function addBar({ worker }: TestDatabase, { id: instrumentId }: Instrument): Promise<void> {
  const openTime = new Date('2026-11-20T12:00:00Z');
  const closeTime = new Date('2026-11-20T12:01:00Z');
  const prices = { open: decimal(99), high: decimal(102), low: decimal(98), close: decimal(100) };
  await worker.withViewer(systemViewer(), (tx) =>
    tx.bar.create({
      data: {
        ...{ instrumentId, interval: 'MINUTE_1', openTime, closeTime, knownAt: closeTime },
        ...{ ...prices, volume: decimal(1_000), source: 'SIMULATED' },
      },
    }),
  );
}
