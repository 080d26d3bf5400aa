/*
 * Where orders stand, as SQL. The table of their states is above this tier, in
 * trading/engine/order-state.ts, and is not imported here; a unit test holds these lists against
 * it.
 */

const listOf = (statuses: readonly string[]): string =>
  `status IN (${statuses.map((status) => `'${status}'`).join(', ')})`;

const FILLABLE = ['ACCEPTED', 'PARTIALLY_FILLED', 'TRIGGERED'];

/** It can still change by itself, and may hold cash back. */
export const IS_WORKING = listOf([
  'PENDING',
  'SUBMITTED',
  ...FILLABLE,
  'CANCEL_PENDING',
  'UNKNOWN',
]);
/** Our own engine fills it. */
export const CAN_FILL = listOf(FILLABLE);
/** The same, or it waits for its entry. */
export const STANDS_HERE = listOf(['PENDING', ...FILLABLE]);
