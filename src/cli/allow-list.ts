import { open } from 'node:fs/promises';
import { approveAsOperator } from '../services/accounts/operator-approved-emails.ts';
import { parseEmail } from '../services/accounts/names.ts';
import { OperatorError } from '../services/platform/config/config-error.ts';
import { InvalidInput } from '../services/platform/errors.ts';
import { withFoundation } from './foundation.ts';
import { say, type Operator } from './operator.ts';

/** Some 400,000 addresses. */
const FILE_MAX_BYTES = 10 * 1024 * 1024;

/** Puts the addresses of a file on the list of those that enter by themselves. */
export async function addAllowList(operator: Operator, file: string): Promise<void> {
  const emailKeys = parseAllowList(await readText(file), file);
  const added = await withFoundation(operator, ({ foundation }) =>
    approveAsOperator(foundation, emailKeys),
  );
  say(`${added} of ${emailKeys.length} addresses are new on the list.`);
}

/**
 * The addresses of a text, one a line, normalised and once each; empty lines and those that begin
 * with # are left out. Throws OperatorError that names the first line that is no address.
 */
function parseAllowList(text: string, name: string): string[] {
  const emailKeys = new Set<string>();
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    const entry = line.trim();
    if (entry === '' || entry.startsWith('#')) continue;
    try {
      emailKeys.add(parseEmail(entry).emailKey);
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      throw new OperatorError(`${name}, line ${at + 1}: ${error.message} Nothing was added.`);
    }
  }
  return [...emailKeys].sort();
}

async function readText(file: string): Promise<string> {
  try {
    await using handle = await open(file);
    const { size } = await handle.stat();
    if (size <= FILE_MAX_BYTES) return await handle.readFile('utf8');
  } catch {
    throw new OperatorError(`${file} cannot be read.`);
  }
  throw new OperatorError(`${file} is longer than ${FILE_MAX_BYTES} bytes.`);
}
