import type { Side } from '../plain-book.ts';

export type PlainType = 'MARKET' | 'LIMIT' | 'STOP' | 'STOP_LIMIT' | 'TRAILING_STOP';
export type PlainLeg = 'ENTRY' | 'TAKE_PROFIT' | 'STOP_LOSS' | null;
export type PlainClass = 'SIMPLE' | 'BRACKET' | 'OCO' | 'OTO';

/** Both prices in hundredths of a cent. */
export interface Prices {
  readonly bid: bigint;
  readonly ask: bigint;
}

/** What somebody wants. */
export interface PlainTerms {
  readonly instrument: string;
  readonly side: Side;
  readonly type: PlainType;
  readonly timeInForce: string;
  readonly orderClass: PlainClass;
  readonly quantity: bigint | null;
  /** In cents. */
  readonly notional: bigint | null;
  readonly limit: bigint | null;
  readonly stop: bigint | null;
  readonly trail: bigint | null;
  readonly takeProfit: bigint | null;
  readonly stopLoss: bigint | null;
}

/** An order, as the model has it. */
export interface PlainOrder extends PlainTerms {
  readonly id: string;
  readonly leg: PlainLeg;
  readonly group: string | null;
  readonly createdMs: number;
  quantity: bigint;
  filled: bigint;
  reserved: bigint;
  status: string;
  version: number;
}

const FILLABLE = ['ACCEPTED', 'TRIGGERED', 'PARTIALLY_FILLED'];

export const isFillable = ({ status }: PlainOrder): boolean => FILLABLE.includes(status);
export const isOpen = (order: PlainOrder): boolean =>
  order.status === 'PENDING' || isFillable(order);
export const isExit = ({ leg }: Pick<PlainOrder, 'leg'>): boolean =>
  leg !== null && leg !== 'ENTRY';
export const leftOf = ({ quantity, filled }: PlainOrder): bigint => quantity - filled;
export const farSide = (side: Side, { bid, ask }: Prices): bigint => (side === 'BUY' ? ask : bid);

const hasStop = ({ type }: PlainOrder): boolean => type !== 'MARKET' && type !== 'LIMIT';
/** Whether it waits for its stop to go off. */
export const isArmed = (order: PlainOrder): boolean =>
  hasStop(order) && order.status === 'ACCEPTED';

/** Whether its stop, if it has one, has not gone off yet. */
export function isReplaceable(order: PlainOrder): boolean {
  if (order.status === 'PENDING') return true;
  return hasStop(order) ? isArmed(order) : isFillable(order);
}

/** Whether two legs for the same shares count once, and none while they wait. */
export const countsForOthers = (order: PlainOrder): boolean =>
  isOpen(order) &&
  !(
    isExit(order) &&
    (order.status === 'PENDING' || (order.leg === 'STOP_LOSS' && order.orderClass !== 'OTO'))
  );

/** What both must agree on. */
export const plainStateOf = ({ status, version, quantity, filled, reserved }: PlainOrder) => [
  ...[status, version, quantity, filled, reserved],
];
