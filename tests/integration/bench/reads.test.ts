import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../support/run-program.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tradegraph-bench-reads-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('npm run bench -- --quick', () => {
  it('compares every answer with the floor, prints a table and writes all figures', async () => {
    const json = path.join(folder, 'figures.json');
    const { code, stdout, stderr } = await runProgram('bench/reads.ts', [
      ...['--quick', '--json', json],
    ]);

    expect(code, stderr).toBe(0);
    expect(stdout).toContain('10 answers to 3 readers are the same of all.');
    for (const title of ['trivial', '50 orders with trades', 'curve of 500', 'mixed load']) {
      expect(stdout).toMatch(new RegExp(`│ ${title} +│ +\\d+ │ +\\d+ │`));
    }
    const { figures } = JSON.parse(readFileSync(json, 'utf8')) as {
      figures: { load: string; system: string }[];
    };
    // Ten measures and the mixed load, of the floor and of the program.
    expect(figures).toHaveLength(22);
  });
});
