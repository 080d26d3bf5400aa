import { InvalidInput } from './errors.ts';

/** From then on, and until before; each may be left open. */
export interface TimeRange {
  readonly from?: Date;
  readonly to?: Date;
}

/** Throws InvalidInput for a range that no time can lie in, which nobody asks for on purpose. */
export function assertTimeRange({ from, to }: TimeRange): void {
  if (from && to && from >= to) throw new InvalidInput('to', '`to` must be after `from`.');
}
