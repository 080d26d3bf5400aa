import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { runSteps } from './check/run-steps.mjs';
import { ensureReady } from './setup.mjs';

/**
 * `npm run check` runs every step, `npm run check -- lint types` those that are named. A step is a
 * script of package.json, so that each can also be run alone; the longest stand first, because two
 * run at a time.
 */
const STEPS = [
  { name: 'lint', script: 'lint', fix: 'npm run lint -- --fix mends a part of it' },
  { name: 'types', script: 'types' },
  { name: 'arrows', script: 'arrows' },
  { name: 'format', script: 'format:check', fix: 'npm run format' },
  { name: 'dead-code', script: 'dead-code' },
  { name: 'sdl', script: 'sdl:check', fix: 'npm run sdl, and commit src/schema/schema.graphql' },
  { name: 'sdl-breaking', script: 'sdl:breaking' },
  { name: 'secrets', script: 'secrets' },
];
const WIDTH = 2;

/** What the types and the lint of the tests stand on; git does not keep it. */
const GENERATED = { name: 'codegen', script: 'codegen' };
const NEEDS_GENERATED = new Set(['lint', 'types', 'arrows', 'dead-code']);

function stepsFor(names) {
  const unknown = names.filter((name) => !STEPS.some((step) => step.name === name));
  if (unknown.length > 0) {
    const known = STEPS.map(({ name }) => name).join(', ');
    throw new RangeError(`No step is called ${unknown.join(', ')}. The steps are: ${known}.`);
  }
  return names.length > 0 ? STEPS.filter(({ name }) => names.includes(name)) : STEPS;
}

async function main() {
  process.chdir(path.join(import.meta.dirname, '..'));
  const steps = stepsFor(process.argv.slice(2));
  await ensureReady();

  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  const withCommand = (step) => ({ ...step, command: scripts[step.script] });
  const generates = steps.some(({ name }) => NEEDS_GENERATED.has(name));
  const failed =
    generates && existsSync('src/schema/schema.graphql')
      ? await runSteps([withCommand(GENERATED)], 1)
      : [];
  failed.push(...(await runSteps(steps.map(withCommand), WIDTH)));

  if (failed.length > 0) {
    console.log(`\nThe check failed: ${failed.join(', ')}.`);
    process.exitCode = 1;
    return;
  }
  console.log('\nThe check passed.');
}

try {
  await main();
} catch (error) {
  console.error(error instanceof RangeError ? error.message : error);
  process.exitCode = 1;
}
