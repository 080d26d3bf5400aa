interface Count {
  delivered: number;
}

/** Of each subscription, by its context: what was written past the plugins that count results. */
const counts = new WeakMap<object, Count>();

/** Counts one more each time the answer is called. */
export function countDelivered(context: object): () => void {
  const count = counts.get(context) ?? { delivered: 0 };
  counts.set(context, count);
  return () => {
    count.delivered += 1;
  };
}

/** How many results of the subscription were shared ones, written at once. */
export const deliveredIn = (context: object): number => counts.get(context)?.delivered ?? 0;
