import type { EventBus, Unsubscribe } from '../platform/event-bus/event-bus.ts';
import { encodeOrderMessage, ORDER_CHANNEL, parseOrderMessage } from './order-messages.ts';
import type { PaperEngine } from './paper-engine.ts';

/** Hears what other processes tell of orders, and gives the engine of this one what is its own. */
export interface OrderInbox {
  /** Before the engine's start: what is told in between is found by its first look. */
  start(): Promise<void>;
  /** After the engine's stop: tells the others that its instruments are free. */
  stop(): Promise<void>;
}

export function createOrderInbox({
  bus,
  engine,
}: {
  readonly bus: EventBus;
  readonly engine: Pick<PaperEngine, 'holds' | 'fetch' | 'drop' | 'renewSoon'>;
}): OrderInbox {
  const ends: Unsubscribe[] = [];

  const hear = (text: string): void => {
    const told = parseOrderMessage(text);
    if (told.kind === 'released') {
      engine.renewSoon();
      return;
    }
    const { orderId: id, instrumentId } = told;
    if (!engine.holds(instrumentId)) return;
    if (told.kind === 'ended') {
      engine.drop({ id, instrumentId });
      return;
    }
    void engine.fetch({ id, instrumentId }).then(() => bus.publish(told.replyTo, id));
  };

  return {
    async start() {
      ends.push(await bus.subscribe(ORDER_CHANNEL, hear));
      // What was told meanwhile is in the database.
      ends.push(bus.onGap(engine.renewSoon));
    },
    async stop() {
      for (const end of ends.splice(0)) end();
      await bus.publish(ORDER_CHANNEL, encodeOrderMessage({ kind: 'released' }));
    },
  };
}
