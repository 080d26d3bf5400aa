/** That libuv starts; files and DNS need them as well. */
const THREADS = 4;

/**
 * How many passwords are hashed at the same time on so many cores: one core and one thread stay
 * free, so that requests which hash nothing hardly wait. (As many hashes as cores gave no more
 * log-ins a second, and queries took three times as long; `npm run bench:log-ins`.)
 */
export function hashesAtOnce(cores: number): number {
  return Math.max(1, Math.min(cores, THREADS) - 1);
}
