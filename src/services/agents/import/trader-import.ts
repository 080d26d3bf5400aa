import { appendEvents } from '../../platform/outbox.ts';
import { systemViewer } from '../../platform/viewer.ts';
import { toText } from '../../platform/money.ts';
import type { Audit } from '../../audit/audit.ts';
import type { Booking } from '../../portfolio/booking.ts';
import type { Calendar } from '../../market/import/exchange.ts';
import type { Tx } from '../../platform/database.ts';
import {
  openImportedTrader,
  type ImportedTrader,
  type ImportedTraderPorts,
} from './imported-trader.ts';
import { importLogs } from './log-import.ts';
import { readPositionSteps, type PositionStep } from './positions.ts';
import { openTradeBook, type TradeBook } from './trade-book.ts';
import type { OnRead } from './check-records.ts';
import type { TraderFolder } from './trader-folders.ts';
import type { TraderSummary } from './summary.ts';

export interface TraderImportPorts extends ImportedTraderPorts {
  readonly booking: Booking;
  readonly audit: Audit;
}

export interface TraderCommand {
  readonly trader: TraderFolder;
  readonly ownerId: string;
  readonly calendar: Calendar;
  readonly onRead: OnRead;
}

export function createTraderImport(ports: TraderImportPorts) {
  return {
    /**
     * Imports one trader in the caller's transaction. Its files are read within it, line by line: that
     * is how one trader can be one transaction and still never be in memory whole.
     */
    async importTrader(tx: Tx, command: TraderCommand): Promise<TraderSummary> {
      const { trader, ownerId } = command;
      const importKey = `ai-trader:${trader.name}`;
      const lock = `import ${ownerId} ${importKey}`;
      // A second import at the same time waits here, and then finds everything in place.
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${lock}, 0))`;
      const positions = await importPositions(tx, ports, { ...command, importKey });
      const { model, account, isNew } = positions.imported;
      const logs = await importLogs(tx, { ...command, ...ports, model, importKey });
      const summary: TraderSummary = {
        name: trader.name,
        modelId: model.id,
        accountId: account.id,
        isNew,
        ...positions.counts,
        ...positions.books,
        ...logs,
      };
      if (isNew || summary.tradesAdded > 0 || summary.messagesAdded > 0) {
        await tell(tx, ports, positions.imported, summary);
      }
      return summary;
    },
  };
}

interface PositionsCommand extends TraderCommand {
  readonly importKey: string;
}

async function importPositions(tx: Tx, ports: TraderImportPorts, command: PositionsCommand) {
  const { trader, ownerId, importKey, calendar, onRead } = command;
  const file = trader.positionFile;
  const kinds = { START: 0, NO_TRADE: 0, ZERO_TRADE: 0, TRADE: 0 };
  let imported: ImportedTrader | undefined;
  let book: TradeBook | undefined;
  let last: PositionStep | undefined;
  for await (const step of readPositionSteps(file, calendar)) {
    onRead(trader.name, step.sizeBytes);
    kinds[step.kind] += 1;
    if (step.kind === 'START') {
      const identity = { ownerId, importKey, name: trader.name, positionFile: file, start: step };
      const { exchange } = calendar;
      imported = await openImportedTrader(tx, ports, { ...identity, exchange });
      book = await openTradeBook(tx, { ...ports, account: imported.account, file });
    }
    if (step.kind === 'TRADE') await book?.enter(step);
    last = step;
  }
  if (!imported || !book || !last) throw new Error('A position file begins with its account.');
  const rows = kinds.START + kinds.NO_TRADE + kinds.ZERO_TRADE + kinds.TRADE;
  const { TRADE: trades, NO_TRADE: noTrades, ZERO_TRADE: zeroTrades } = kinds;
  const books = await book.close(last);
  return { imported, counts: { rows, trades, noTrades, zeroTrades }, books };
}

/**
 * One event and one audit row for the whole of it. A trade that was made elsewhere, long ago, is no
 * news for those who watch trades live.
 */
async function tell(
  tx: Tx,
  { audit, clock }: TraderImportPorts,
  { model, account }: ImportedTrader,
  { isNew, tradesAdded, messagesAdded, cash }: TraderSummary,
): Promise<void> {
  const facts = { importKey: model.importKey, isNew, tradesAdded, messagesAdded };
  await appendEvents(tx, [
    {
      topic: `model:${model.id}`,
      ownerId: model.ownerId,
      type: 'RecordsImported',
      version: 1,
      payload: { modelId: model.id, accountId: account.id, ...facts, cash: toText(cash) },
      occurredAt: clock.now(),
    },
  ]);
  await audit.record(tx, systemViewer(), {
    action: 'records.imported',
    targetType: 'Model',
    targetId: model.id,
    after: { ...facts, ownerId: model.ownerId },
  });
}
