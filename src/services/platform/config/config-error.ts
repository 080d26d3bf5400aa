/** One variable that is missing or wrong: its name, and a sentence that says the fix. */
export interface ConfigProblem {
  readonly variable: string;
  readonly fix: string;
}

/**
 * The environment does not say what the program needs. The message has one line for each wrong
 * variable and never repeats a value, since a value may be a secret.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(({ variable, fix }) => `${variable} ${fix}`).join('\n'));
    this.problems = problems;
  }
}
