import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A file for the anchors of one database, which is not there yet; gone with this process. */
export function freshAnchorFile(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'tradegraph-anchors-'));
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  return path.join(folder, 'audit', 'anchors.jsonl');
}
