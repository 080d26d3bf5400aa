import { InvalidInput } from '../platform/errors.ts';
import { parseLine } from '../platform/line-of-text.ts';
import type { CredentialKind } from '../platform/prisma/enums.ts';

/** Which secret of a person: there is one at each place. */
export interface CredentialPlace {
  readonly kind: CredentialKind;
  /** Whose service, such as "alpaca". */
  readonly provider: string;
  /** Tells several of one service apart. */
  readonly name: string;
}

const PROVIDER = /^[a-z0-9][a-z0-9.-]{0,63}$/;
const NAME_MAX_CHARACTERS = 100;

/** The place with its name trimmed. Throws InvalidInput that names the field. */
export function parsePlace({ kind, provider, name }: CredentialPlace): CredentialPlace {
  return {
    kind,
    name: parseLine('name', name, NAME_MAX_CHARACTERS),
    provider: parseProvider('provider', provider),
  };
}

/** Throws InvalidInput for what is no name of a service. */
export function parseProvider(field: string, provider: string): string {
  if (PROVIDER.test(provider)) return provider;
  const form = 'up to 64 small letters, digits, dots and hyphens, such as "alpaca"';
  throw new InvalidInput(field, `A provider is named by ${form}.`);
}
