import { ImportError, type FilePlace } from '../../market/import/errors.ts';
import { parseQuotedJson } from '../../market/import/json.ts';
import { readLines } from '../../market/import/lines.ts';
import { derivedId } from '../../platform/derived-id.ts';
import type { AgentLogKind } from '../../platform/prisma/enums.ts';

/** One message of a conversation. */
export interface LogMessage {
  /** Order within its file, from 0. */
  readonly sequence: number;
  readonly kind: AgentLogKind;
  readonly content: string;
  /** Of the line that it stands in, told once a line: 0 for further messages of it. */
  readonly sizeBytes: number;
}

const KINDS: ReadonlyMap<unknown, AgentLogKind> = new Map([
  ['system', 'SYSTEM'],
  ['user', 'USER'],
  ['assistant', 'ASSISTANT'],
  ['tool', 'TOOL'],
] as const);

/**
 * Reads a log.jsonl message by message; `new_messages` of a line is a list or one message, and what
 * else is in the line does not matter. Throws ImportError with file and line for a line that is no
 * JSON or no message.
 */
export async function* readLogMessages(file: string): AsyncGenerator<LogMessage> {
  let sequence = 0;
  for await (const { number: line, text, sizeBytes } of readLines(file)) {
    const place = { file, line };
    const messages = messagesOf(parseQuotedJson(text, place), place);
    for (const [index, message] of messages.entries()) {
      const { kind, content } = messageOf(message, place);
      yield { sequence, kind, content, sizeBytes: index === 0 ? sizeBytes : 0 };
      sequence += 1;
    }
  }
}

/** Checked by hand, since a schema takes longer than all the rest. */
function messagesOf(record: unknown, place: FilePlace): readonly unknown[] {
  const messages = isObject(record) ? record.new_messages : undefined;
  if (Array.isArray(messages)) return messages;
  if (isObject(messages)) return [messages];
  throw new ImportError(place, '"new_messages": A message or a list of messages is expected.');
}

function messageOf(message: unknown, place: FilePlace): Pick<LogMessage, 'kind' | 'content'> {
  const { role, content } = isObject(message) ? message : {};
  const kind = KINDS.get(role);
  if (kind === undefined) {
    const roles = [...KINDS.keys()].join(', ');
    throw new ImportError(place, `"new_messages / role": One of ${roles} is expected.`);
  }
  if (typeof content !== 'string') {
    throw new ImportError(place, '"new_messages / content": The content is text.');
  }
  // PostgreSQL keeps every character but this one, and half of a pair.
  if (content.includes('\0')) {
    throw new ImportError(place, '"new_messages / content": It has a character of code 0.');
  }
  return { kind, content: content.toWellFormed() };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Id of the run that a day or an hour of an imported trader is: always the same for the same owner,
 * trader and label of the log's folder, so that a second import meets the first.
 */
export function importedRunId(ownerId: string, importKey: string, label: string): string {
  return derivedId([ownerId, importKey, label]);
}
