import { z } from 'zod';
import { InvalidInput, NotFound } from '../platform/errors.ts';
import { Decimal, toColumn, toText, ZERO } from '../platform/money.ts';
import { InvalidQuantity } from './errors.ts';
import { CLIENT_ORDER_ID_MAX, QUANTITY_LIMIT } from './order-bounds.ts';
import {
  groupInCommand,
  parseGroup,
  termsOfOco,
  type PlacementGroup,
  type WantedGroup,
} from './placement-group.ts';
import {
  parsePrice,
  parseTerms,
  type PlacementTerms,
  type WantedTerms,
} from './placement-terms.ts';
import type { OrderSide } from '../platform/prisma/enums.ts';

/** An order, as its client asks for it. */
export interface PlaceOrder extends WantedTerms, WantedGroup {
  readonly accountId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  /** Positive. Either this or `notional` is given. */
  readonly quantity?: Decimal;
  /**
   * Of MARKET alone: what to spend or to get. The quantity is reckoned from the quote, rounded
   * down.
   */
  readonly notional?: Decimal;
  /** Unique in the account; the same again is the same order. 1 to 100 characters. */
  readonly clientOrderId: string;
  /** Run of the model that places it. */
  readonly runId?: string;
}

/** The same with nothing left open. */
export type Placement = Pick<
  PlaceOrder,
  'accountId' | 'symbol' | 'side' | 'clientOrderId' | 'runId'
> &
  PlacementTerms &
  PlacementGroup & {
    /** One of the two is null. */
    readonly quantity: Decimal | null;
    readonly notional: Decimal | null;
  };

const uuid = z.uuid();

/** Refuses what could not be stored as an order, and gives the numbers their plain form. */
export function parsePlacement(command: PlaceOrder): Placement {
  const { accountId, clientOrderId, runId } = command;
  // An id that cannot be is answered like one that never was.
  if (!uuid.safeParse(accountId).success) throw new NotFound('Account');
  if (clientOrderId.length < 1 || clientOrderId.length > CLIENT_ORDER_ID_MAX) {
    throw new InvalidInput('clientOrderId', 'A client order id has 1 to 100 characters.');
  }
  if (runId !== undefined && !uuid.safeParse(runId).success) {
    throw new InvalidInput('runId', 'A run id is a UUID.');
  }
  const group = parseGroup(command);
  const terms = parseTerms(group.orderClass === 'OCO' ? termsOfOco(command) : command);
  return { ...command, ...terms, ...group, ...parseAmount(command, terms) };
}

/** A quantity, or for a market order that does not have to be filled whole, cash. */
function parseAmount(
  { quantity: wanted, notional: cash }: PlaceOrder,
  { type, timeInForce }: PlacementTerms,
): Pick<Placement, 'quantity' | 'notional'> {
  if ((wanted === undefined) === (cash === undefined)) {
    throw new InvalidInput('quantity', 'An order has either a quantity or a notional.');
  }
  if (wanted !== undefined) {
    const quantity = new Decimal(wanted);
    const isStorable = quantity.greaterThan(ZERO) && quantity.lessThan(QUANTITY_LIMIT);
    if (!isStorable || !toColumn(quantity).equals(quantity)) {
      throw new InvalidQuantity(null, quantity, null);
    }
    return { quantity, notional: null };
  }
  const notional = parsePrice('notional', cash, 'notional');
  if (type !== 'MARKET') throw new InvalidInput('notional', `A ${type} order has a quantity.`);
  if (timeInForce === 'FOK' || timeInForce === 'GTD') {
    throw new InvalidInput('timeInForce', 'An order by notional is DAY, GTC or IOC.');
  }
  return { quantity: null, notional };
}

/** What a key is bound to: the same order in other digits ("10" and "10.0") is the same. */
export function commandOf(placement: Placement) {
  const { accountId, symbol, side, quantity, notional, runId, type, timeInForce } = placement;
  const { limitPrice, stopPrice, trailAmount, trailPercent, expiresAt } = placement;
  return {
    ...{ accountId, symbol, side, runId: runId ?? null },
    ...(quantity && { quantity: toText(quantity) }),
    ...(notional && { notional: toText(notional) }),
    // What is usual is left out, as it was when there was nothing else: keys outlive a release.
    ...(type !== 'MARKET' && { type }),
    ...(timeInForce !== 'GTC' && { timeInForce }),
    ...(limitPrice && { limitPrice: toText(limitPrice) }),
    ...(stopPrice && { stopPrice: toText(stopPrice) }),
    ...(trailAmount && { trailAmount: toText(trailAmount) }),
    ...(trailPercent && { trailPercent: toText(trailPercent) }),
    ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
    ...groupInCommand(placement),
  };
}
