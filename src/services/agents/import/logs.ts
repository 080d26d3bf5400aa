import { createHash } from 'node:crypto';
import { z } from 'zod';
import { checkRecord, parseJson } from '../../market/import/json.ts';
import { readLines } from '../../market/import/lines.ts';
import type { AgentLogKind } from '../../platform/prisma/enums.ts';

/** One message of a day's conversation. */
export interface LogMessage {
  /** Order within the day's file, from 0. */
  readonly sequence: number;
  readonly kind: AgentLogKind;
  readonly content: string;
  /** Of the line that it stands in, told once a line: 0 for further messages of it. */
  readonly sizeBytes: number;
}

const KINDS = {
  system: 'SYSTEM',
  user: 'USER',
  assistant: 'ASSISTANT',
  tool: 'TOOL',
} as const satisfies Record<string, AgentLogKind>;

const messageField = z.object({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z
    .string('The content is text.')
    // PostgreSQL keeps every character but this one.
    .refine((text) => !text.includes('\0'), 'The content has a character of code 0.'),
});

const logRecord = z.object({ new_messages: z.union([z.array(messageField), messageField]) });

/**
 * Reads a day's log.jsonl message by message; `new_messages` of a line is a list or one message.
 * Throws ImportError with file and line for a line that is no JSON or no message.
 */
export async function* readLogMessages(file: string): AsyncGenerator<LogMessage> {
  let sequence = 0;
  for await (const { number: line, text, sizeBytes } of readLines(file)) {
    const place = { file, line };
    const { new_messages: added } = checkRecord(logRecord, parseJson(text, place), () => place);
    for (const [index, { role, content }] of [added].flat().entries()) {
      yield { sequence, kind: KINDS[role], content, sizeBytes: index === 0 ? sizeBytes : 0 };
      sequence += 1;
    }
  }
}

/**
 * Id of the run that a day of an imported trader is: always the same for the same owner, trader and
 * day, so that a second import meets the first. A UUID of version 8 (RFC 9562, 5.8) from SHA-256.
 */
export function importedRunId(ownerId: string, importKey: string, date: string): string {
  const hash = createHash('sha256').update([ownerId, importKey, date].join('\n')).digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x80, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString('hex');
  const groups = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return [...groups, hex.slice(20, 32)].join('-');
}
