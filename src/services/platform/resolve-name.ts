import { lookup, Resolver } from 'node:dns/promises';

/** An address that a name leads to. */
export interface ResolvedAddress {
  readonly address: string;
  /** 4 or 6. */
  readonly family: number;
}

/** The addresses of a name; none when it has none, or nobody answers. */
export type ResolveName = (name: string) => Promise<readonly ResolvedAddress[]>;

const TRY_MS = 1_500;
const TRIES = 2;

/**
 * Asks the name servers. Not the system's own look-up, whose few threads do other work of the process as
 * well: names of strangers that are answered slowly would hold it up. It knows no names of this machine,
 * and so is asked where they are allowed.
 */
export function resolveName({
  isInsideAllowed,
}: {
  readonly isInsideAllowed: boolean;
}): ResolveName {
  if (isInsideAllowed) return (name) => lookup(name, { all: true }).catch(() => []);
  return async (name) => {
    const resolver = new Resolver({ timeout: TRY_MS, tries: TRIES });
    const [four, six] = await Promise.all([
      resolver.resolve4(name).catch(() => []),
      resolver.resolve6(name).catch(() => []),
    ]);
    return [
      ...four.map((address) => ({ address, family: 4 })),
      ...six.map((address) => ({ address, family: 6 })),
    ];
  };
}
