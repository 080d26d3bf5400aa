import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

let folder: string | undefined;
let made = 0;

/** A file for the anchors of one database, which is not there yet; gone with this process. */
export function freshAnchorFile(): string {
  folder ??= makeFolder();
  made += 1;
  return path.join(folder, String(made), 'anchors.jsonl');
}

function makeFolder(): string {
  const temporary = mkdtempSync(path.join(tmpdir(), 'tradegraph-anchors-'));
  process.once('exit', () => {
    rmSync(temporary, { recursive: true, force: true });
  });
  return temporary;
}
