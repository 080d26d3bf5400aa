const QUIET_MS = 2_000;
const HEARTBEAT_MS = 5_000;

/** A line for the person at the terminal. What programs read is the log, on standard error. */
export function say(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** Runs `work`, and says what is going on if it takes longer than a moment, then every 5 s. */
export async function announce<T>(what: string, work: () => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  const tell = () => {
    say(`${what} ... ${String(Math.round((performance.now() - startedMs) / 1000))} s`);
  };
  const first = setTimeout(tell, QUIET_MS);
  const next = setInterval(tell, HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearTimeout(first);
    clearInterval(next);
  }
}
