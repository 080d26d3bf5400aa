import { z } from 'zod';

/** What the processes of one deployment tell each other of paper orders, beside the database. */
export type OrderMessage =
  /** It was accepted. Who fills it answers in the channel `replyTo` after the first try. */
  | {
      readonly kind: 'accepted';
      readonly orderId: string;
      readonly instrumentId: string;
      readonly replyTo: string;
    }
  /** It is over by what somebody did elsewhere. */
  | { readonly kind: 'ended'; readonly orderId: string; readonly instrumentId: string }
  /** A process that stops has let its instruments go. */
  | { readonly kind: 'released' };

/** Every process that fills orders hears all of it; who does not hold the instrument looks away. */
export const ORDER_CHANNEL = 'paper-orders';

/** The channel of one process, where it hears that its orders were tried. */
export const newsChannel = (processId: string): string => `paper-order-news:${processId}`;

const order = { orderId: z.uuid(), instrumentId: z.uuid() };
const message = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('accepted'), ...order, replyTo: z.string() }),
  z.object({ kind: z.literal('ended'), ...order }),
  z.object({ kind: z.literal('released') }),
]);

export const encodeOrderMessage = (told: OrderMessage): string => JSON.stringify(told);

/** Throws for what {@link encodeOrderMessage} did not write. */
export const parseOrderMessage = (text: string): OrderMessage => message.parse(JSON.parse(text));
