import type { Instrument } from '../../../src/services/platform/prisma/client.ts';
import type { OrderSide } from '../../../src/services/platform/prisma/enums.ts';

/** An order as a client of the test sends it; sent again in the same words until it is answered. */
export interface Request {
  readonly clientOrderId: string;
  readonly accountId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly quantity: string;
  readonly way: Way;
  /** How far from 100, in cents; every price comes by sooner or later. */
  readonly apart: number;
}

/** What kind of order it is. */
export const WAYS = [
  ...(['MARKET', 'MARKET', 'MARKET', 'LIMIT', 'LIMIT', 'LIMIT', 'STOP'] as const),
  ...(['STOP_LIMIT', 'TRAILING_STOP', 'BRACKET', 'OCO', 'IOC', 'FOK', 'NOTIONAL'] as const),
];
export type Way = (typeof WAYS)[number];

/** What the process that is going to be killed needs to know. */
export interface Orders {
  readonly ownerUrl: string;
  readonly ownerId: string;
  readonly accountIds: readonly string[];
  readonly instruments: readonly Pick<Instrument, 'id' | 'symbol'>[];
  /** What was sent and never answered, because the process before was killed. */
  readonly unanswered: readonly Request[];
  readonly seed: number;
  /** Whether to send new orders, or only to work off what is there. */
  readonly isTrading: boolean;
}

/** What it tells of itself. */
export type Report =
  | { readonly kind: 'ready' }
  | { readonly kind: 'sent'; readonly request: Request }
  | {
      readonly kind: 'answered';
      readonly clientOrderId: string;
      readonly orderId: string | null;
      /** The status of the answer, or the code of the refusal. */
      readonly answer: string;
    }
  | { readonly kind: 'failed'; readonly message: string };
