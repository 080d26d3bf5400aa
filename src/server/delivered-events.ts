/** Of each subscription, by its context: what was written past the plugins that count results. */
const counts = new WeakMap<object, number>();

export function countDelivered(context: object): void {
  counts.set(context, deliveredIn(context) + 1);
}

/** How many results of the subscription were shared ones, written at once. */
export const deliveredIn = (context: object): number => counts.get(context) ?? 0;
