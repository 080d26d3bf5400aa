/**
 * Carries messages between the parts of one process, or of many. It is quick and forgetful: a message
 * reaches whoever is subscribed and connected now. What must not be lost is in the event log, and the
 * log is where a receiver looks after {@link EventBus.onGap}.
 */
export interface EventBus {
  /**
   * Sends `message` to the subscribers of `channel`; messages of one caller arrive in order. Never
   * rejects: a broker that is down is logged once an outage, and its messages are lost.
   */
  publish(channel: string, message: string): Promise<void>;
  /**
   * Calls `onMessage` with each message published on `channel` from the moment this resolves. A broker
   * that is down does not hold it up for long: it resolves all the same, and `onGap` tells when the
   * subscription has become real. `onMessage` should be quick; what it throws is logged and hurts
   * no other subscriber.
   */
  subscribe(channel: string, onMessage: (message: string) => void): Promise<Unsubscribe>;
  /** Calls `listener` after each time in which messages of any channel may have been missed. */
  onGap(listener: () => void): Unsubscribe;
  /** Ends all subscriptions and connections. Messages published later go nowhere. */
  close(): Promise<void>;
}

/** Ends a subscription at once; a second call does nothing. */
export type Unsubscribe = () => void;
