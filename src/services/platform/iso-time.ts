const SECOND_MS = 1_000;
const MILLISECOND_DIGITS = 3;
/** More than a minute of them, within which limits end. */
const SECONDS_MAX = 200;

/** Texts of whole seconds, up to the point. */
const seconds = new Map<number, string>();

/** A time as `toISOString` writes it, sooner: of the times of a second, all but the end is the same. */
export function isoTime(timeMs: number): string {
  const second = Math.floor(timeMs / SECOND_MS);
  let text = seconds.get(second);
  if (text === undefined) {
    text = new Date(second * SECOND_MS).toISOString().slice(0, -'000Z'.length);
    if (seconds.size >= SECONDS_MAX) seconds.clear();
    seconds.set(second, text);
  }
  const rest = String(timeMs - second * SECOND_MS);
  return `${text}${rest.padStart(MILLISECOND_DIGITS, '0')}Z`;
}
