/**
 * Looks up several keys at once: answers with what was found of each, in their order. What it finds is of
 * a moment after the call.
 */
export type LookUpAll<Key, Found> = (keys: readonly Key[]) => Promise<readonly Found[]>;

type Asking<Key, Found> = PromiseWithResolvers<Found> & { readonly key: Key };

const KEYS_MAX = 500;

/**
 * A look-up of one key. It is made at once when no other is under way; those who ask meanwhile share the
 * next one, so that a thousand who come together are a few statements, and hold one connection.
 */
export function gatherLookUps<Key, Found>(
  lookUp: LookUpAll<Key, Found>,
): (key: Key) => Promise<Found> {
  let waiting: Asking<Key, Found>[] = [];
  let isAsking = false;

  const askNext = async (): Promise<void> => {
    const asking = waiting.slice(0, KEYS_MAX);
    waiting = waiting.slice(KEYS_MAX);
    try {
      const found = await lookUp(asking.map(({ key }) => key));
      for (const [index, { resolve }] of asking.entries()) resolve(found[index] as Found);
    } catch (error) {
      for (const { reject } of asking) reject(error);
    }
  };
  const askAll = async (): Promise<void> => {
    isAsking = true;
    while (waiting.length > 0) await askNext();
    isAsking = false;
  };

  return (key) => {
    const asking = { ...Promise.withResolvers<Found>(), key };
    waiting.push(asking);
    if (!isAsking) void askAll();
    return asking.promise;
  };
}
