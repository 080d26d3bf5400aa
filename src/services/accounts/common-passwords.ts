/**
 * The passwords that are tried first: some 49,000 of the commonest ones, in lower case. Loaded at
 * the first sign-up, since they take some 8 MB and 30 ms, and kept.
 */
let loading: Promise<ReadonlySet<string>> | undefined;

async function load(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  return new Set(dictionary['passwords-common']);
}

/** What people put around a word so that it passes: `Password123!` is `password` to a guesser. */
const AROUND = /^[^\p{L}]+|[^\p{L}]+$/gu;
const LINES = ['0123456789'.repeat(27), 'abcdefghijklmnopqrstuvwxyz', 'qwertyuiopasdfghjklzxcvbnm'];
const RUNS = LINES.flatMap((line) => [line, Array.from(line).reverse().join('')]);
/** A repeated part as short as this is as good as none. */
const REPEATED_MAX_CHARACTERS = 4;

/**
 * Whether a guesser comes to it soon: a common password, also in capitals, between digits and signs
 * or several times over; a few characters again and again; or a run such as `1234567890123`.
 * `names`: what its owner is called, which is no password of theirs.
 */
export async function isEasilyGuessed(
  password: string,
  names: readonly string[],
): Promise<boolean> {
  loading ??= load();
  const common = await loading;
  const known = new Set(names.flatMap(formsOf));
  const text = password.toLowerCase();
  const part = repeatedPartOf(text);
  if (Array.from(part).length <= REPEATED_MAX_CHARACTERS || isRun(text)) return true;
  return [...formsOf(text), ...formsOf(part)].some((form) => common.has(form) || known.has(form));
}

/** In lower case, as it is and without the digits and signs around it. */
function formsOf(text: string): string[] {
  const whole = text.toLowerCase();
  const core = whole.replaceAll(AROUND, '');
  return core === '' ? [whole] : [whole, core];
}

/**
 * The shortest text that gives this one when it is repeated: the text itself if there is no other.
 */
function repeatedPartOf(text: string): string {
  // A text lies within two of itself, from the end of its repeated part on.
  return text.slice(0, (text + text).indexOf(text, 1));
}

/**
 * Whether it is a piece of what follows one another on a keyboard or in the alphabet, either way.
 */
function isRun(text: string): boolean {
  return RUNS.some((run) => run.includes(text));
}
