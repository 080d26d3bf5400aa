import { existsSync, readFileSync } from 'node:fs';

/**
 * Prints the line `N passed, N failed, N skipped` from the JSON report of the tests, and exits 1
 * when there is no report, no test ran, or one failed. A file that could not be loaded counts as
 * one failure: its tests are unknown, and they did not pass.
 */
function main() {
  const [file] = process.argv.slice(2);
  if (!file || !existsSync(file)) {
    console.log('The tests left no report: they did not run to their end.');
    process.exitCode = 1;
    return;
  }
  const report = JSON.parse(readFileSync(file, 'utf8'));
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length;
  const passed = report.numPassedTests;
  const failed = report.numFailedTests + unloaded;
  const skipped = report.numPendingTests + report.numTodoTests;
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  if (failed > 0 || passed === 0 || !report.success) process.exitCode = 1;
}

main();
