import { InvalidInput } from '../platform/errors.ts';
import { parseOutsideUrl } from '../platform/outside-url.ts';
import { parseProvider } from './credential-place.ts';

/** What is to be set of a provider. What is left out stays as it is. */
export interface AiProviderChange {
  readonly name: string;
  readonly isEnabled?: boolean | undefined;
  /** Null: the provider's own address. */
  readonly baseUrl?: string | null | undefined;
  readonly models?: readonly string[] | undefined;
  /** Null: none any more. */
  readonly apiKey?: string | null | undefined;
}

const URL_MAX_CHARACTERS = 500;
const MODELS_MAX = 200;
const MODEL = /^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}$/;
const KEY_MAX_CHARACTERS = 4_096;
/** Goes into a header as it is. */
const KEY = /^[\x21-\x7E]+$/;

/**
 * The change as it is kept, or InvalidInput that names the field and never repeats a key.
 * `isInsideAllowed`: whether a provider may stand beside the program, as in development.
 */
export function parseAiProvider(
  { name, isEnabled, baseUrl, models, apiKey }: AiProviderChange,
  { isInsideAllowed }: { readonly isInsideAllowed: boolean },
): AiProviderChange {
  return {
    name: parseProvider('name', name),
    isEnabled,
    baseUrl: typeof baseUrl === 'string' ? parseBaseUrl(baseUrl, isInsideAllowed) : baseUrl,
    models: models && parseModels(models),
    apiKey: typeof apiKey === 'string' ? parseKey(apiKey) : apiKey,
  };
}

function parseBaseUrl(text: string, isInsideAllowed: boolean): string {
  const url = text.length <= URL_MAX_CHARACTERS && parseOutsideUrl(text, { isInsideAllowed });
  if (url) return url;
  throw new InvalidInput(
    'baseUrl',
    'A base URL begins with https:// and leads to a public name, without user, query or fragment.',
  );
}

/** Each once, in the order given. */
function parseModels(models: readonly string[]): string[] {
  const names = [...new Set(models)];
  if (names.length <= MODELS_MAX && names.every((name) => MODEL.test(name))) return names;
  throw new InvalidInput(
    'models',
    `A provider has up to ${MODELS_MAX} models, each named as the provider names it.`,
  );
}

function parseKey(key: string): string {
  if (key.length <= KEY_MAX_CHARACTERS && KEY.test(key)) return key;
  throw new InvalidInput(
    'apiKey',
    `A key has 1 to ${KEY_MAX_CHARACTERS} letters, digits and signs, and no spaces.`,
  );
}
