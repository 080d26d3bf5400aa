import { Decimal } from '../platform/money.ts';

/*
 * What no order may exceed, whatever its instrument: what the columns keep, with room for what is
 * reckoned of it.
 */

export const CLIENT_ORDER_ID_MAX = 100;
/** An order is for less. */
export const QUANTITY_LIMIT = new Decimal('1e15');
/** A price is below it. */
export const PRICE_LIMIT = new Decimal('1e15');
