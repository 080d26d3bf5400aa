import { ImportError } from '../../market/import/errors.ts';
import type { Calendar, Session } from '../../market/import/exchange.ts';
import type { Ids } from '../../platform/ids.ts';
import type { Tx } from '../../platform/database.ts';
import type { TradingModel } from '../../platform/prisma/client.ts';
import { importedRunId, readLogMessages, type LogMessage } from './logs.ts';
import { batchesOf, inTurn, oneAhead } from './read-ahead.ts';
import type { OnRead } from './summary.ts';
import type { LogFile, TraderFolder } from './trader-folders.ts';

export interface LogImport {
  readonly trader: TraderFolder;
  readonly model: TradingModel;
  readonly importKey: string;
  readonly calendar: Calendar;
  readonly ids: Ids;
  readonly onRead: OnRead;
}

/** A message with the run that it belongs to. */
interface RunMessage extends LogMessage {
  readonly runId: string;
  readonly session: Session;
}

/**
 * A batch is small, since Prisma keeps the last hundred statements together with what they carried.
 */
const BATCH_CHARACTERS = 250_000;
/** What a message takes besides its characters, so that a batch of small ones is not endless. */
const MESSAGE_CHARACTERS = 500;
/** A log is a file of a few lines for each day or hour. */
const FILES_AHEAD = 8;

/**
 * Stores the messages of all log files, one run a file, a batch in memory at a time. A message that
 * is there already, by its run and sequence, stays. The records tell the day or the hour alone, so
 * that all of its messages are at its open, where its trades are.
 */
export async function importLogs(
  tx: Tx,
  command: LogImport,
): Promise<{ messages: number; messagesAdded: number }> {
  const total = { messages: 0, messagesAdded: 0 };
  const weightOf = ({ content }: RunMessage) => content.length + MESSAGE_CHARACTERS;
  for await (const batch of oneAhead(batchesOf(readRuns(command), weightOf, BATCH_CHARACTERS))) {
    total.messages += batch.length;
    total.messagesAdded += await insertMessages(tx, batch, command);
    for (const { sizeBytes } of batch) command.onRead(command.trader.name, sizeBytes);
  }
  return total;
}

/** The messages of all files, in the order of the files. */
function readRuns(command: LogImport): AsyncGenerator<RunMessage> {
  const { logs } = command.trader;
  return inTurn(
    (function* () {
      for (const log of logs) yield readRun(log, command);
    })(),
    FILES_AHEAD,
  );
}

async function* readRun(
  log: LogFile,
  { model, importKey, calendar }: LogImport,
): AsyncGenerator<RunMessage> {
  const session = sessionOf(calendar, log);
  const runId = importedRunId(model.ownerId, importKey, log.label);
  for await (const message of readLogMessages(log.file)) yield { ...message, runId, session };
}

function sessionOf(calendar: Calendar, { label, file }: LogFile): Session {
  const session = calendar.sessionOf(label);
  if (!session) throw new ImportError({ file }, `There is no time ${label}.`);
  return session;
}

/** Returns how many were not there. */
async function insertMessages(
  tx: Tx,
  messages: readonly RunMessage[],
  { model, ids }: LogImport,
): Promise<number> {
  return tx.$executeRaw`
    INSERT INTO agent_log (id, owner_id, model_id, run_id, sequence, date, occurred_at, kind, content)
    SELECT id, ${model.ownerId}::uuid, ${model.id}::uuid, run_id, sequence, date, occurred_at,
      kind::agent_log_kind, content
    FROM unnest(${messages.map(() => ids.next())}::text[]::uuid[],
      ${messages.map(({ runId }) => runId)}::text[]::uuid[],
      ${messages.map(({ sequence }) => sequence)}::int[],
      ${messages.map(({ session }) => session.date)}::text[]::date[],
      ${messages.map(({ session }) => session.openTime.toISOString())}::text[]::timestamptz[],
      ${messages.map(({ kind }) => kind)}::text[], ${messages.map(({ content }) => content)}::text[])
      AS message (id, run_id, sequence, date, occurred_at, kind, content)
    ON CONFLICT (run_id, sequence) DO NOTHING`;
}
