import { randomUUID } from 'node:crypto';
import type { App } from '../../src/app.ts';
import type { KnownApiKey } from '../../src/services/accounts/api-keys.ts';
import type { ApiKeyWish } from '../../src/services/accounts/api-key-settings.ts';
import type { UserRole } from '../../src/services/platform/prisma/enums.ts';
import { userViewer } from '../../src/services/platform/viewer.ts';

export interface TestApiKey {
  readonly id: string;
  /** What its bearer sends. */
  readonly secret: string;
  readonly apiKey: KnownApiKey;
}

/** Makes a key of a person's, as they do: for reading alone, from anywhere, unless it is said. */
export async function addApiKey(
  { services }: Pick<App, 'services'>,
  { id: userId, role = 'USER' }: { readonly id: string; readonly role?: UserRole },
  wish: Partial<ApiKeyWish> = {},
): Promise<TestApiKey> {
  const { apiKey, secret } = await services.apiKeys.create(userViewer({ userId, role }), {
    ...{ name: 'A bot', environment: 'LIVE', scopes: ['READ'] },
    ...wish,
    idempotencyKey: randomUUID(),
  });
  if (secret === null) throw new Error('The key was made before.');
  return { id: apiKey.id, secret, apiKey };
}
