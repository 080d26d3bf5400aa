import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ImportError } from '../../../../src/services/market/import/errors.ts';
import { readLines } from '../../../../src/services/market/import/lines.ts';

const folder = await mkdtemp(join(tmpdir(), 'tradegraph-lines-'));
afterAll(() => rm(folder, { recursive: true }));

const linesOf = async (content: string | Buffer) => {
  const file = join(folder, 'lines');
  await writeFile(file, content);
  const lines: [number, string][] = [];
  for await (const { number, text } of readLines(file)) lines.push([number, text.trimEnd()]);
  return lines;
};

test('lines are numbered from 1, and blank ones are counted and left out', async () => {
  expect(await linesOf('a\n\nb\r\n   \nc')).toEqual([
    [1, 'a'],
    [3, 'b'],
    [5, 'c'],
  ]);
});

test('a line, and a letter of two bytes, may lie across the pieces that are read', async () => {
  // A piece is 64 KiB: the ü begins with the last byte of one and ends in the next.
  const long = `${'x'.repeat(65_535)}ü${'y'.repeat(70_000)}`;
  expect(await linesOf(`${long}\nshort\n`)).toEqual([
    [1, long],
    [2, 'short'],
  ]);
});

test('sizes of lines sum up to that of the file', async () => {
  const content = 'a\nbü\r\nccc';
  const file = join(folder, 'sizes');
  await writeFile(file, content);
  let sum = 0;
  for await (const { sizeBytes } of readLines(file)) sum += sizeBytes;
  expect(sum).toBe(Buffer.byteLength(content));
});

test('a line without an end is refused before it fills the memory', async () => {
  const endless = Buffer.alloc(17 * 1024 * 1024, 'x');
  await expect(linesOf(endless)).rejects.toThrow(/lines:1: The line is longer than 16 MiB/);
});

test.each([
  ['bytes that are no UTF-8', Buffer.from([0x61, 0x0a, 0xc3, 0x28])],
  ['a zero byte', Buffer.from('a\nb\0c')],
])('%s are no text', async (_what, content) => {
  await expect(linesOf(content)).rejects.toMatchObject({ line: 2 });
  await expect(linesOf(content)).rejects.toThrow(ImportError);
});
