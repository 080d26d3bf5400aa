import type { Calendar } from '../../market/import/exchange.ts';
import type { Ids } from '../../platform/ids.ts';
import type { Tx } from '../../platform/database.ts';
import type { TradingModel } from '../../platform/prisma/client.ts';
import { sessionOfLog, type OnRead } from './check-records.ts';
import { importedRunId, readLogMessages, type LogMessage } from './logs.ts';
import type { TraderFolder } from './trader-folders.ts';

export interface LogImport {
  readonly trader: TraderFolder;
  readonly model: TradingModel;
  readonly importKey: string;
  readonly calendar: Calendar;
  readonly ids: Ids;
  readonly onRead: OnRead;
}

/** A batch is small, since Prisma keeps the last hundred statements together with what they carried. */
const BATCH_MESSAGES = 200;
const BATCH_CHARACTERS = 250_000;

/**
 * Stores the messages of every day, one run a day, a batch in memory at a time. A message that is
 * there already, by its run and sequence, stays. The records tell the day alone, so that all of a
 * day's messages are at its open, where its trades are.
 */
export async function importLogs(
  tx: Tx,
  { trader, model, importKey, calendar, ids, onRead }: LogImport,
): Promise<{ messages: number; messagesAdded: number }> {
  const total = { messages: 0, messagesAdded: 0 };
  for (const log of trader.logs) {
    const { openTime } = sessionOfLog(calendar, log);
    const runId = importedRunId(model.ownerId, importKey, log.date);
    let batch: LogMessage[] = [];
    let characters = 0;
    const flush = async () => {
      total.messages += batch.length;
      total.messagesAdded += await insertMessages(tx, batch, {
        ids: batch.map(() => ids.next()),
        model,
        runId,
        date: log.date,
        occurredAt: openTime,
      });
      [batch, characters] = [[], 0];
    };
    for await (const message of readLogMessages(log.file)) {
      onRead(trader.name, message.sizeBytes);
      batch.push(message);
      characters += message.content.length;
      if (batch.length >= BATCH_MESSAGES || characters >= BATCH_CHARACTERS) await flush();
    }
    await flush();
  }
  return total;
}

interface MessagePlace {
  readonly ids: readonly string[];
  readonly model: TradingModel;
  readonly runId: string;
  readonly date: string;
  readonly occurredAt: Date;
}

/** Returns how many were not there. */
async function insertMessages(
  tx: Tx,
  messages: readonly LogMessage[],
  { ids, model, runId, date, occurredAt }: MessagePlace,
): Promise<number> {
  if (messages.length === 0) return 0;
  return tx.$executeRaw`
    INSERT INTO agent_log (id, owner_id, model_id, run_id, sequence, date, occurred_at, kind, content)
    SELECT id::uuid, ${model.ownerId}::uuid, ${model.id}::uuid, ${runId}::uuid, sequence,
      ${date}::text::date, ${occurredAt}, kind::agent_log_kind, content
    FROM unnest(${ids}::text[], ${messages.map(({ sequence }) => sequence)}::int[],
      ${messages.map(({ kind }) => kind)}::text[], ${messages.map(({ content }) => content)}::text[])
      AS message (id, sequence, kind, content)
    ON CONFLICT (run_id, sequence) DO NOTHING`;
}
