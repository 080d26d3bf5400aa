/** Work of the program's own that comes back by the clock. */
export interface Job {
  readonly name: string;
  /** When it runs, in UTC: minute, hour, day of month, month, day of week. */
  readonly cron: string;
  /** Safe to be run again where it was broken off. `signal` tells it to leave off, for now. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}
