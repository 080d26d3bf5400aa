import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readPassword } from '../../../src/cli/password.ts';

function terminal() {
  const shown: string[] = [];
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = new PassThrough();
  output.on('data', (chunk: Buffer) => shown.push(chunk.toString()));
  return { input, output, shown };
}

describe('a password at a terminal', () => {
  it('is typed twice, and is not shown', async () => {
    const { input, output, shown } = terminal();
    const read = readPassword({ input, output });
    input.write('correct horse\r');
    input.write('correct horse\r');
    expect(await read).toBe('correct horse');
    expect(shown.join('')).toBe('Password: \nAgain: \n');
  });

  it('is refused when the two differ, or when it never comes', async () => {
    const one = terminal();
    const read = readPassword(one);
    one.input.write('correct horse\r');
    one.input.write('correct house\r');
    await expect(read).rejects.toThrow('The two passwords differ.');
    const other = terminal();
    const waiting = readPassword(other);
    other.input.end();
    await expect(waiting).rejects.toThrow('No password was typed.');
  });
});

describe('a password from a pipe', () => {
  it.each([
    ['correct horse\n', 'correct horse'],
    ['correct horse\r\n', 'correct horse'],
    ['correct horse', 'correct horse'],
    [' 正しい馬 \n\n', ' 正しい馬 \n'],
  ])('is all of %j but its line end', async (given, password) => {
    const input = new PassThrough();
    input.end(given);
    expect(await readPassword({ input, output: new PassThrough() })).toBe(password);
  });
});
