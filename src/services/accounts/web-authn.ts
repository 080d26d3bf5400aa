import type { WebAuthnConfig } from '../platform/config/config.ts';
import { Forbidden } from '../platform/errors.ts';

/** For whom passkeys are made. Throws Forbidden on a server that has none. */
export function requireWebAuthn(webAuthn: WebAuthnConfig | undefined): WebAuthnConfig {
  if (webAuthn) return webAuthn;
  throw new Forbidden('This server has no passkeys.');
}
