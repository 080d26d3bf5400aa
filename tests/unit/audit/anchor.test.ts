import fc from 'fast-check';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAnchorFile } from '../../../src/services/audit/anchor-file.ts';
import {
  decodeAnchor,
  encodeAnchor,
  isGenuine,
  makeAnchor,
  type Anchor,
} from '../../../src/services/audit/anchor.ts';
import { createKeyring } from '../../../src/services/audit/keyring.ts';

const keyring = createKeyring([{ id: 'one', secret: Buffer.alloc(32, 'one') }]);
const at = new Date('2026-03-01T12:00:00.123Z');
const anchorOf = (sequence: bigint, previous: bigint | null = sequence - 1n): Anchor =>
  makeAnchor(keyring, { sequence, seal: Buffer.alloc(32, 7) }, { at, previous });

let folder = '';
let file = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'tradegraph-anchor-'));
  file = path.join(folder, 'deep', 'anchors.jsonl');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const linesOf = async () => {
  const lines: (bigint | undefined)[] = [];
  for await (const { anchor } of createAnchorFile(file).lines()) lines.push(anchor?.sequence);
  return lines;
};

describe('an anchor', () => {
  it('comes back from its line as it was', () => {
    for (const anchor of [anchorOf(1n, 0n), anchorOf(9_223_372_036_854_775_807n, null)]) {
      expect(decodeAnchor(encodeAnchor(anchor))).toEqual(anchor);
      expect(isGenuine(keyring, anchor)).toBe(true);
    }
  });

  it('is nobody else’s', () => {
    const stranger = createKeyring([{ id: 'one', secret: Buffer.alloc(32, 'two') }]);
    expect(isGenuine(stranger, anchorOf(5n))).toBe(false);
    expect(isGenuine(createKeyring([{ id: 'x', secret: Buffer.alloc(32) }]), anchorOf(5n))).toBe(
      false,
    );
  });

  it('shows any change of its line: it cannot be read, or is not genuine', () => {
    const line = encodeAnchor(anchorOf(12n));
    fc.assert(
      fc.property(fc.nat(line.length - 1), fc.integer({ min: 32, max: 126 }), (index, code) => {
        const character = String.fromCharCode(code);
        const changed = line.slice(0, index) + character + line.slice(index + 1);
        const anchor = decodeAnchor(changed);
        const isAccepted = anchor !== undefined && isGenuine(keyring, anchor);
        expect(isAccepted).toBe(changed === line);
      }),
    );
  });
});

describe('the file', () => {
  it('is made with its folder, for its owner alone, and added to', async () => {
    const anchors = createAnchorFile(file);
    expect(await anchors.tail()).toBeUndefined();
    expect(await linesOf()).toEqual([]);
    await anchors.append(anchorOf(1n));
    await anchors.append(anchorOf(2n));
    expect(await linesOf()).toEqual([1n, 2n]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
  });

  it('keeps a line apart from one that a crash cut short', async () => {
    const anchors = createAnchorFile(file);
    await anchors.append(anchorOf(1n));
    const whole = await readFile(file, 'utf8');
    await writeFile(file, whole + whole.slice(0, 40));
    expect(await linesOf()).toEqual([1n, undefined]);
    await anchors.append(anchorOf(2n));
    expect(await linesOf()).toEqual([1n, undefined, 2n]);
    expect((await anchors.tail())?.map(({ anchor }) => anchor?.sequence)).toEqual([
      1n,
      undefined,
      2n,
    ]);
  });

  it('is read from its end alone for the newest lines', async () => {
    // Each line has some 250 bytes, and the tail 64 KiB.
    const lines = Array.from({ length: 1_000 }, (_, index) =>
      encodeAnchor(anchorOf(BigInt(index + 1))),
    );
    const anchors = createAnchorFile(file);
    await anchors.append(anchorOf(1n));
    await writeFile(file, `${lines.join('\n')}\n`);
    const tail = (await anchors.tail()) ?? [];
    expect(tail.at(-1)?.anchor?.sequence).toBe(1_000n);
    expect(tail.length).toBeLessThan(400);
    expect(tail.every(({ anchor }) => anchor !== undefined)).toBe(true);
  });
});
