import { z } from 'zod';
import { toText, type Decimal } from '../platform/money.ts';
import { decimalField } from '../platform/payload.ts';
import type { AgentLogEntry } from '../platform/prisma/client.ts';
import { OrderSide } from '../platform/prisma/enums.ts';
import type { NewLogLine } from './agent-log.ts';
import type { Decision, TraderLogLine, TraderOutcome } from './trader.ts';

/*
 * A run in the log: what the trader thought, then a line for each decision, then a line for what
 * came of each order. The first two are written together before any order is placed; a repeated run
 * reads from them what was decided, instead of deciding again.
 */

const LINES_MAX = 200;
const DECISIONS_MAX = 100;
const CONTENT_MAX_CODE_UNITS = 20_000;

/** An order that a run decided on, with the place in the log for what came of it. */
export interface PlannedOrder {
  readonly symbol: string;
  readonly side: OrderSide;
  readonly quantity: Decimal;
  /** Derives from the run, so that the same decision cannot become two orders. */
  readonly clientOrderId: string;
  readonly sequence: number;
}

const plannedData = z.object({
  action: z.enum(OrderSide),
  symbol: z.string(),
  quantity: decimalField,
  clientOrderId: z.string(),
});

/** A run without a line would look as if it had not been, and be repeated. */
const SILENCE: TraderLogLine = { kind: 'SYSTEM', content: 'The trader had nothing to say.' };

/**
 * The lines of what a trader thought and decided. Only the first `ordersMax` decisions are orders.
 */
export function decisionLines(
  { log, decisions }: Pick<TraderOutcome, 'log' | 'decisions'>,
  { runId, ordersMax }: { readonly runId: string; readonly ordersMax: number },
): NewLogLine[] {
  const orders = decisions.slice(0, DECISIONS_MAX).filter(isOrder);
  const planned = new Set(orders.slice(0, ordersMax));
  let index = 0;
  const decided = decisions.slice(0, DECISIONS_MAX).map((decision) => ({
    kind: 'DECISION' as const,
    content: decision.reason,
    data: {
      action: decision.action,
      symbol: decision.symbol,
      quantity: toText(decision.quantity),
      ...(planned.has(decision) && { clientOrderId: `${runId}:${(index += 1)}` }),
    },
  }));
  const left = orders.length - planned.size;
  const note = `A run places at most ${ordersMax} orders: ${left} decisions are not carried out.`;
  const lines = [
    ...log.slice(0, LINES_MAX).map(thought),
    ...(left > 0 ? [{ kind: 'SYSTEM' as const, content: note }] : []),
    ...decided,
  ];
  return (lines.length > 0 ? lines : [SILENCE]).map((line, sequence) => ({
    ...line,
    content: storable(line.content),
    sequence,
  }));
}

/** The orders that the log of a run says it decided on. */
export function plannedOrders(
  lines: readonly Pick<AgentLogEntry, 'sequence' | 'kind' | 'data'>[],
): PlannedOrder[] {
  const decisions = lines.filter(({ kind }) => kind === 'DECISION');
  const afterDecisions = (decisions.at(-1)?.sequence ?? 0) + 1;
  return decisions
    .flatMap(({ data }) => plannedData.safeParse(data).data ?? [])
    .map(({ action, ...order }, index) => ({
      ...order,
      side: action,
      sequence: afterDecisions + index,
    }));
}

/** A DECISION line may become an order, so a trader's own lines are never of that kind. */
function thought(line: TraderLogLine): TraderLogLine {
  return line.kind === 'DECISION' ? { ...line, kind: 'ASSISTANT' } : line;
}

function isOrder({ action, quantity }: Decision): boolean {
  return action !== 'HOLD' && quantity.isFinite() && quantity.greaterThan(0);
}

/** PostgreSQL keeps no character of code 0; what is too long for a log ends in an ellipsis. */
function storable(text: string): string {
  const clean = text.toWellFormed().replaceAll('\0', '');
  if (clean.length <= CONTENT_MAX_CODE_UNITS) return clean;
  return `${clean.slice(0, CONTENT_MAX_CODE_UNITS).toWellFormed()}…`;
}
