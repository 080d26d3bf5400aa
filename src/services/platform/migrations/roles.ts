import { createHmac } from 'node:crypto';
import { Client } from 'pg';

export type LoginRole = 'tradegraph_server' | 'tradegraph_worker';
const LOGIN_ROLES: readonly LoginRole[] = ['tradegraph_server', 'tradegraph_worker'];
const ATTEMPTS_MAX = 20;

/**
 * The URL of a role that owns nothing, derived from the owner's. Its password is an HMAC over the
 * role's name with the owner's password, so that every program that may migrate knows it.
 */
export function roleUrl(ownerUrl: string, role: LoginRole): string {
  const url = new URL(ownerUrl);
  url.password = passwordOf(ownerUrl, role);
  url.username = role;
  return url.href;
}

/**
 * Lets the roles of the server and the worker log in with the passwords of `roleUrls`, which are those
 * that {@link roleUrl} derives unless said otherwise. A URL of another user is left to its owner.
 */
export async function allowLogin(
  ownerUrl: string,
  roleUrls: readonly string[] = LOGIN_ROLES.map((role) => roleUrl(ownerUrl, role)),
): Promise<void> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    for (const url of roleUrls.map((text) => new URL(text))) {
      const role = LOGIN_ROLES.find((name) => name === url.username);
      if (!role) continue;
      const password = client.escapeLiteral(decodeURIComponent(url.password));
      await setPassword(client, role, password);
    }
  } finally {
    await client.end();
  }
}

/**
 * Of two programs that change one role of the cluster at the same moment, PostgreSQL refuses one. No
 * lock helps, since theirs may be two databases.
 */
async function setPassword(client: Client, role: LoginRole, literal: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.query(`ALTER ROLE ${role} LOGIN PASSWORD ${literal}`);
      return;
    } catch (error) {
      const isRace = error instanceof Error && error.message.includes('concurrently updated');
      if (!isRace || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}

function passwordOf(ownerUrl: string, role: LoginRole): string {
  const secret = decodeURIComponent(new URL(ownerUrl).password);
  return createHmac('sha256', secret).update(role).digest('hex');
}
