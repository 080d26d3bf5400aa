import { createCalendar, type Calendar } from '../../market/import/exchange.ts';
import { ImportError } from '../../market/import/errors.ts';
import type { Audit } from '../../audit/audit.ts';
import type { Tx } from '../../platform/database.ts';
import type { EquityHistory } from '../../portfolio/equity-history.ts';
import type { HistoryBooking } from '../../portfolio/history-booking.ts';
import { proveEquity } from './equity-proof.ts';
import { createFindings, type Findings } from './findings.ts';
import {
  openImportedTrader,
  type ImportedTrader,
  type ImportedTraderPorts,
} from './imported-trader.ts';
import { tellImport } from './told-import.ts';
import { importLogs } from './log-import.ts';
import { batchesOf, oneAhead } from './read-ahead.ts';
import { readPositionSteps, type PositionStep } from './position-steps.ts';
import { createSymbolNames } from './symbol-names.ts';
import { openTradeBook, type TradeBook } from './trade-book.ts';
import { findTraderMarket, type TraderMarket } from './trader-market.ts';
import { changesOf, type OnRead, type TraderSummary } from './summary.ts';
import type { TraderFolder } from './trader-folders.ts';

export interface TraderImportPorts extends ImportedTraderPorts {
  readonly history: HistoryBooking;
  readonly equityHistory: EquityHistory;
  readonly audit: Audit;
}

export interface TraderCommand {
  readonly trader: TraderFolder;
  readonly ownerId: string;
  readonly onRead: OnRead;
  /**
   * Position files of the traders that this import has met, by their keys; the trader's is added.
   */
  readonly filesByKey: Map<string, string>;
}

/** Rows and what changed in them; enough for a statement to be worth its trip. */
const BATCH_WEIGHT = 2_000;
const weightOf = ({ changes }: PositionStep): number => 1 + changes.size;

const HOURLY_END = '@60min';

/**
 * Names the source of a trader, unique for an owner. Daily records of the group "agent_data" are
 * the plain ones, which were imported before there were others. Throws ImportError for a daily
 * trader whose name would make it an hourly one.
 */
function importKeyOf(
  { name, group, positionFile }: Pick<TraderFolder, 'name' | 'group' | 'positionFile'>,
  { interval }: Pick<TraderMarket, 'interval'>,
): string {
  if (interval === 'HOUR_1') return `ai-trader:${group}/${name}${HOURLY_END}`;
  if (name.endsWith(HOURLY_END)) {
    const reason = `A daily trader's folder is not called "${name}": ${HOURLY_END} ends what is hourly.`;
    throw new ImportError({ file: positionFile }, reason);
  }
  return group === 'agent_data' ? `ai-trader:${name}` : `ai-trader:${group}/${name}`;
}

/**
 * Two traders of one key would be taken for one. Records of days and of hours have keys of their
 * own, so that this is known when the file is opened, and not by the folders' names.
 */
function refuseNamesake({ trader, filesByKey }: TraderCommand, importKey: string): void {
  const { group, name, positionFile } = trader;
  const other = filesByKey.get(importKey);
  if (other !== undefined) {
    const reason = `${group}/${name} is here twice; it is ${other} as well.`;
    throw new ImportError({ file: positionFile }, reason);
  }
  filesByKey.set(importKey, positionFile);
}

export function createTraderImport(ports: TraderImportPorts) {
  return {
    /**
     * Imports one trader in the caller's transaction: its positions row by row, so that it is never
     * in memory whole, then its conversations, and what it was worth at every close.
     */
    async importTrader(tx: Tx, command: TraderCommand): Promise<TraderSummary> {
      const { trader, ownerId } = command;
      const market = await findTraderMarket(trader);
      if (!market) throw new ImportError({ file: trader.positionFile }, 'The file is empty.');
      const { exchange, interval } = market;
      const identity = { ownerId, importKey: importKeyOf(trader, market), market };
      refuseNamesake(command, identity.importKey);
      const findings = createFindings();
      const calendar = createCalendar(exchange);
      const { imported, ...positions } = await importPositions(tx, ports, {
        ...{ command, findings, identity, calendar },
      });
      const { model, account, isNew } = imported;
      const { importKey } = identity;
      const logs = await importLogs(tx, { ...command, ...ports, model, importKey, calendar });
      const accountId = account.id;
      const points = await ports.equityHistory.compute(tx, { accountId, interval });
      const { correctionCount, corrections, flagCount, flags } = findings;
      const summary: TraderSummary = {
        ...{ name: trader.name, importKey, market: exchange.name, interval },
        ...{ currency: exchange.currency, modelId: model.id, accountId, isNew },
        ...positions,
        ...{ correctionCount, corrections, flagCount, flags },
        tradesAtOpen: await countTradesAtOpen(tx, accountId),
        ...logs,
        equity: await proveEquity(tx, account),
        equityPoints: points.points,
        equityPointsChanged: points.changed,
      };
      if (changesOf(summary) > 0) await tellImport(tx, ports, imported, summary);
      return summary;
    },
  };
}

interface PositionsCommand {
  readonly command: TraderCommand;
  readonly findings: Findings;
  readonly calendar: Calendar;
  readonly identity: {
    readonly ownerId: string;
    readonly importKey: string;
    readonly market: TraderMarket;
  };
}

async function importPositions(
  tx: Tx,
  ports: TraderImportPorts,
  { command: { trader, onRead }, findings, calendar, identity }: PositionsCommand,
) {
  const file = trader.positionFile;
  const { exchange, spellings, line } = identity.market;
  const names = createSymbolNames(exchange);
  const universe = spellings.map((spelling) => names.symbolOf(spelling, { file, line }));
  const kinds = { START: 0, RESTART: 0, NO_TRADE: 0, ZERO_TRADE: 0, TRADE: 0 };
  const steps = readPositionSteps({ file, calendar, names });
  let imported: ImportedTrader | undefined;
  let book: TradeBook | undefined;
  for await (const batch of oneAhead(batchesOf(steps, weightOf, BATCH_WEIGHT))) {
    const [start] = batch;
    if (!start) continue;
    imported ??= await openImportedTrader(tx, ports, {
      ...{ ...identity, name: trader.name, positionFile: file, universe, start },
    });
    const { account, isNew } = imported;
    book ??= await openTradeBook(tx, { ...ports, account, isNew, exchange, file, findings });
    await book.enter(batch);
    for (const { kind, sizeBytes } of batch) {
      kinds[kind] += 1;
      onRead(trader.name, sizeBytes);
    }
  }
  if (!imported || !book) throw new Error('A position file begins with its account.');
  const { TRADE: trades, NO_TRADE: noTrades, ZERO_TRADE: zeroTrades, RESTART: restarts } = kinds;
  const rows = kinds.START + trades + noTrades + zeroTrades + restarts;
  const { proof, ...added } = await book.close();
  const positions = proof.quantities.length;
  const counts = { rows, trades, noTrades, zeroTrades, restarts, positions };
  return { imported, ...counts, ...added, proof, cash: proof.cash.ledger };
}

/** Each trade of a row is at the open of a day or of an hour. */
async function countTradesAtOpen(tx: Tx, accountId: string): Promise<number> {
  const rows = await tx.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM trades t
    WHERE t.account_id = ${accountId}::uuid AND t.source = 'IMPORTED' AND EXISTS (
      SELECT 1 FROM bars b WHERE b.instrument_id = t.instrument_id
        AND b.interval IN ('DAY_1', 'HOUR_1') AND b.open_time = t.executed_at AND b.open = t.price)`;
  return rows[0]?.count ?? 0;
}
