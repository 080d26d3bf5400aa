import { execFile } from 'node:child_process';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { findTraderFolders } from '../../../../src/services/agents/import/trader-folders.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const POSITIONS = 'group/trader/position/position.jsonl';
const LOGS = 'group/trader/log';
const LOG = `${LOGS}/2025-10-01/log.jsonl`;

const makePipe = (path: string) => promisify(execFile)('mkfifo', [path]);

/** A trader with one log, of which `path` was moved elsewhere, with a link to it in its place. */
async function recordsWithLink(path: string): Promise<string> {
  const folder = await temporaryFolder({ [POSITIONS]: '{}', [LOG]: '{}' });
  await rename(join(folder, path), join(folder, 'elsewhere'));
  await symlink(join(folder, 'elsewhere'), join(folder, path));
  return folder;
}

test('a log that is a link to a folder is passed over', async () => {
  const folder = await recordsWithLink(LOGS);
  const traders = await findTraderFolders(folder);
  expect(traders.map(({ name, logs }) => [name, logs])).toEqual([['trader', []]]);
});

test("a day's folder that is a link is passed over", async () => {
  const folder = await recordsWithLink(`${LOGS}/2025-10-01`);
  const traders = await findTraderFolders(folder);
  expect(traders.map(({ name, logs }) => [name, logs])).toEqual([['trader', []]]);
});

test.each([
  ['a log', LOG, LOG],
  ['a position file', POSITIONS, POSITIONS],
  ['a folder of positions', 'group/trader/position', POSITIONS],
])('%s that is a link, where there is a log, is refused', async (_what, path, named) => {
  const folder = await recordsWithLink(path);
  await expect(findTraderFolders(folder)).rejects.toThrow(
    `${join(folder, named)}: A plain file is expected here, and no link or device.`,
  );
});

test('a position file that is a link, where there is nothing else, is no trader', async () => {
  const folder = await recordsWithLink(POSITIONS);
  await rm(join(folder, LOGS), { recursive: true });
  expect(await findTraderFolders(folder)).toEqual([]);
});

test.each([LOG, POSITIONS])('a pipe as %s is refused, and not waited for', async (path) => {
  const folder = await temporaryFolder({ [POSITIONS]: '{}', [LOG]: '{}' });
  await rm(join(folder, path));
  await makePipe(join(folder, path));
  await expect(findTraderFolders(folder)).rejects.toThrow(/A plain file is expected/);
});

test('folders have names with spaces, colons and signs', async () => {
  const folder = await temporaryFolder({});
  const trader = join(folder, 'my group: 1', 'a trader @ 10:00', 'position');
  await mkdir(trader, { recursive: true });
  await writeFile(join(trader, 'position.jsonl'), '{}');
  const traders = await findTraderFolders(folder);
  expect(traders.map(({ group, name }) => [group, name])).toEqual([
    ['my group: 1', 'a trader @ 10:00'],
  ]);
});
