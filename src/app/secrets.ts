import { createAiProviders } from '../services/accounts/ai-providers.ts';
import { createCredentials } from '../services/accounts/credentials.ts';
import type { Config } from '../services/platform/config/config.ts';
import { createFingerprints } from '../services/platform/fingerprints.ts';
import { randomBytes } from '../services/platform/random.ts';
import type { Foundation } from './foundation.ts';

type SecretsPorts = Pick<Foundation, 'db' | 'workerDb' | 'clock' | 'ids' | 'audit' | 'sealing'> & {
  readonly config: Config;
};

/** What keeps secrets, and gives none of them back. */
export function createSecrets(ports: SecretsPorts) {
  const fingerprints = createFingerprints({ ...ports, randomBytes });
  const isInsideAllowed = ports.config.environment === 'development';
  return {
    aiProviders: createAiProviders({ ...ports, fingerprints, isInsideAllowed }),
    credentials: createCredentials({ ...ports, fingerprints }),
  };
}
