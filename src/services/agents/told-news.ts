import type { Database } from '../platform/database.ts';
import type { Prisma } from '../platform/prisma/client.ts';
import { systemViewer } from '../platform/viewer.ts';
import { buyingPowerOf } from '../portfolio/events.ts';
import type { Telling } from '../webhooks/webhook-turn.ts';
import { OWN_NEWS, type OwnNews } from './own-news.ts';
import {
  BALANCE,
  LIMITS,
  LINE,
  MODEL,
  ORDER,
  POSITION,
  SWITCH,
  told,
  TRADE,
} from './told-columns.ts';

export interface ToldNewsPorts {
  readonly workerDb: Database;
  /** The id that clients know a thing by, from the name of its type and its own id. */
  readonly idOf: (typeName: string, id: string) => string;
}

type Told = Prisma.InputJsonObject;

const INSTRUMENTS_KEPT = 10_000;

/**
 * What events of one's own tell to others, such as the receiver of a webhook: the words of the graph, its
 * ids, decimals and times as texts. Nothing else of a row, so that a column that is added is not told by it.
 */
export function createToldNews({ workerDb, idOf }: ToldNewsPorts): Telling {
  const symbolOf = createSymbols(workerDb);
  const optional = (typeName: string, id: string | null) =>
    id === null ? null : idOf(typeName, id);
  const ofInstrument = async ({ accountId, instrumentId }: OfInstrument): Promise<Told> => ({
    accountId: idOf('Account', accountId),
    instrumentId: idOf('Instrument', instrumentId),
    symbol: await symbolOf(instrumentId),
  });

  const tell = async (news: OwnNews): Promise<Told> => {
    switch (news.of) {
      case 'trade': {
        const { row } = news;
        const orderId = optional('Order', row.orderId);
        const ids = { id: idOf('Trade', row.id), orderId, ...(await ofInstrument(row)) };
        return { ...ids, ...told(row, TRADE) };
      }
      case 'order': {
        const { row } = news;
        const replacesId = optional('Order', row.replacesId);
        const replacedById = optional('Order', row.replacedById);
        const ids = { id: idOf('Order', row.id), replacesId, replacedById };
        return { ...ids, ...(await ofInstrument(row)), ...told(row, ORDER) };
      }
      case 'position': {
        const { row } = news;
        const ids = { id: idOf('Position', row.id), ...(await ofInstrument(row)) };
        return { ...ids, ...told(row, POSITION) };
      }
      case 'balance': {
        const { row } = news;
        const ids = { id: idOf('Account', row.id), modelId: optional('Model', row.modelId) };
        const buyingPower = buyingPowerOf(row);
        return { ...ids, ...told({ ...row, buyingPower }, BALANCE) };
      }
      case 'switch': {
        const { killSwitch } = news.row;
        const accountId = optional('Account', killSwitch.accountId);
        return { accountId, ...told(killSwitch, SWITCH) };
      }
      case 'limits': {
        const { limits } = news.row;
        const accountId = optional('Account', limits.accountId);
        return { accountId, ...told(limits, LIMITS) };
      }
      case 'line': {
        const { row } = news;
        const ids = { id: idOf('AgentLogEntry', row.id), modelId: idOf('Model', row.modelId) };
        return { ...ids, ...told(row, LINE), data: row.data };
      }
      case 'model':
        return { id: idOf('Model', news.row.id), ...told(news.row, MODEL) };
      case 'webhook': {
        const { webhookId, code, message } = news.row;
        return { webhookId: idOf('Webhook', webhookId), code, message };
      }
    }
  };

  const kinds = Object.entries(OWN_NEWS).map(([type, read]) => [
    type,
    async (event: Parameters<Telling[string]>[0]) => tell(read(event.payload, event)),
  ]);
  return Object.fromEntries(kinds) as Telling;
}

interface OfInstrument {
  readonly accountId: string;
  readonly instrumentId: string;
}

/** The symbol of an instrument, which stays what it is; null for one that is gone. */
function createSymbols(workerDb: Database): (instrumentId: string) => Promise<string | null> {
  const symbols = new Map<string, string | null>();
  return async (id) => {
    const known = symbols.get(id);
    if (known !== undefined) return known;
    const found = await workerDb.snapshot(systemViewer(), (tx) =>
      tx.instrument.findUnique({ where: { id }, select: { symbol: true } }),
    );
    if (symbols.size >= INSTRUMENTS_KEPT) symbols.clear();
    symbols.set(id, found?.symbol ?? null);
    return found?.symbol ?? null;
  };
}
