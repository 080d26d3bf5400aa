import { Command, CommanderError } from 'commander';
import { COMMANDS } from './cli/commands.ts';

/** The commands of operators: `npm run cli -- --help`. */
async function main(): Promise<void> {
  const program = new Command('npm run cli --')
    .description('Commands for those who run Tradegraph.')
    .showHelpAfterError('(add --help for what there is)')
    .exitOverride();
  for (const register of COMMANDS) register(program);
  try {
    await program.parseAsync();
  } catch (error) {
    await report(error);
  }
}

/** What a person can put right is one line; anything else is a bug, and its stack is wanted. */
async function report(error: unknown): Promise<void> {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode;
    return;
  }
  const { OperatorError } = await import('./services/platform/config/config-error.ts');
  const { DomainError } = await import('./services/platform/errors.ts');
  const isExpected = error instanceof OperatorError || error instanceof DomainError;
  console.error(isExpected ? error.message : error);
  process.exitCode = 1;
}

await main();
