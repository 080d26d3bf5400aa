/** One variable that is missing or wrong: its name, and a sentence that says the fix. */
export interface ConfigProblem {
  readonly variable: string;
  readonly fix: string;
}

/**
 * Something that whoever runs the program can put right. The message says what and how, so that it
 * is printed alone, without a stack.
 */
export class OperatorError extends Error {
  override readonly name: string = 'OperatorError';
}

/**
 * The environment does not say what the program needs. The message has one line for each wrong
 * variable and never repeats a value, since a value may be a secret.
 */
export class ConfigError extends OperatorError {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[], options?: ErrorOptions) {
    super(problems.map(({ variable, fix }) => `${variable} ${fix}`).join('\n'), options);
    this.problems = problems;
  }
}
