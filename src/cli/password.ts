import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { OperatorError } from '../services/platform/config/config-error.ts';

/** Where a password comes from: a terminal, or whatever is piped in. */
export interface PasswordSource {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** Where a person is asked; nothing that they type is shown on it. */
  readonly output: NodeJS.WritableStream;
}

const INPUT_MAX_BYTES = 4_096;

/**
 * A password that nobody sees: typed twice at a terminal, else all of the input but its line end.
 * Never an argument, which every process of the machine may read.
 */
export async function readPassword(source: PasswordSource): Promise<string> {
  if (source.input.isTTY !== true) return readAll(source.input);
  const [password, again] = await askUnseen(source, ['Password: ', 'Again: ']);
  if (password !== again) throw new OperatorError('The two passwords differ.');
  return password ?? '';
}

async function readAll(input: PasswordSource['input']): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of input) {
    const read = Buffer.from(part);
    bytes += read.byteLength;
    if (bytes > INPUT_MAX_BYTES) throw new OperatorError('This is too long for a password.');
    parts.push(read);
  }
  return Buffer.concat(parts)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}

/** Asks one after another; readline echoes into a stream that goes nowhere. */
async function askUnseen(
  { input, output }: PasswordSource,
  questions: readonly string[],
): Promise<string[]> {
  const nowhere = new Writable({
    write(_chunk, _encoding, done) {
      done();
    },
  });
  const lines = createInterface({ input, output: nowhere, terminal: true });
  const answers: string[] = [];
  try {
    const reader = lines[Symbol.asyncIterator]();
    for (const question of questions) {
      output.write(question);
      const { value, done } = await reader.next();
      output.write('\n');
      if (done) throw new OperatorError('No password was typed.');
      answers.push(value);
    }
  } finally {
    lines.close();
  }
  return answers;
}
