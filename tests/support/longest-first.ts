import path from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The files that take longest, the longest first. A clean checkout remembers no durations, and such a
 * file that began last would leave the other workers with nothing to do. A name that is not here
 * costs time and nothing else.
 */
const LONGEST = [
  ...['e2e/rolling', 'e2e/attack', 'e2e/soak', 'e2e/start', 'e2e/kill-server', 'e2e/workers'],
  ...['api/isolation-writes', 'integration/trading/races', 'e2e/race-engines', 'e2e/secrets'],
].map((name) => `tests/${name}.test.ts`);
/** Of those that start programs, and of those that ask the whole graph: both take longer than most. */
const SLOW_FOLDERS = ['tests/e2e/', 'tests/api/', 'tests/integration/cli-'];

/** As Vitest sorts them, but with {@link LONGEST} before all others of their project. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const projects = [...new Set(sorted.map(({ project }) => project))];
    return projects.flatMap((project) =>
      sorted
        .filter((file) => file.project === project)
        .map((file) => ({ file, rank: rankOf(path.relative(project.config.root, file.moduleId)) }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ file }) => file),
    );
  }
}

function rankOf(name: string): number {
  const place = LONGEST.indexOf(name);
  if (place >= 0) return place;
  const folder = SLOW_FOLDERS.findIndex((start) => name.startsWith(start));
  return LONGEST.length + (folder >= 0 ? folder : SLOW_FOLDERS.length);
}
