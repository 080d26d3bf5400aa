import { existsSync } from 'node:fs';
import path from 'node:path';
import { stagedContent, stagedPaths } from './git.mjs';
import { complaintsAboutStaged, HOW_TO_WAIVE } from './secrets.mjs';

const LINTED = /\.(?:tsx?|[cm]?js)$/;

/**
 * What git asks before each commit: no secrets or large files, and what is staged is formatted and
 * lint-free. It reads the staged content, not the work tree, so that a file committed in part is
 * judged by that part. Everything else waits for `npm run check`.
 */
async function main() {
  process.chdir(path.join(import.meta.dirname, '../..'));
  const complaints = complaintsAboutStaged();
  if (complaints.length > 0) complaints.push(HOW_TO_WAIVE);
  if (existsSync('node_modules')) {
    const files = stagedPaths().map((file) => ({
      file,
      text: stagedContent(file).toString('utf8'),
    }));
    complaints.push(...(await complaintsAboutFormat(files)), ...(await complaintsOfLint(files)));
  } else {
    console.error('Nothing is installed yet, so formatting and lint were left to the check.');
  }
  if (complaints.length === 0) return;
  for (const complaint of complaints) console.error(complaint);
  console.error(
    '\nNothing was committed. `npm run format` and `npm run lint -- --fix` mend most of it.',
  );
  process.exitCode = 1;
}

async function complaintsAboutFormat(files) {
  const prettier = await import('prettier');
  const ignorePath = ['.gitignore', '.prettierignore'];
  const complaints = [];
  for (const { file, text } of files) {
    const { ignored, inferredParser } = await prettier.getFileInfo(file, { ignorePath });
    if (ignored || inferredParser === null) continue;
    const options = { ...(await prettier.resolveConfig(file)), filepath: file };
    const isFormatted = await prettier.check(text, options).catch(() => false);
    if (!isFormatted) complaints.push(`${file} is not formatted`);
  }
  return complaints;
}

async function complaintsOfLint(files) {
  const linted = files.filter(({ file }) => LINTED.test(file));
  if (linted.length === 0) return [];
  const { ESLint } = await import('eslint');
  const eslint = new ESLint();
  const results = [];
  for (const { file, text } of linted) {
    results.push(...(await eslint.lintText(text, { filePath: file })));
  }
  const errors = ESLint.getErrorResults(results);
  if (errors.length === 0) return [];
  const formatter = await eslint.loadFormatter('stylish');
  return [await formatter.format(errors)];
}

await main();
