import { createHmac } from 'node:crypto';
import { Client } from 'pg';

export type LoginRole = 'tradegraph_server' | 'tradegraph_worker';
const LOGIN_ROLES: readonly LoginRole[] = ['tradegraph_server', 'tradegraph_worker'];

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

/** Lets the roles of the server and the worker log in, with the passwords that {@link roleUrl} derives. */
export async function allowLogin(ownerUrl: string): Promise<void> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    for (const role of LOGIN_ROLES) {
      const password = client.escapeLiteral(passwordOf(ownerUrl, role));
      await client.query(`ALTER ROLE ${role} LOGIN PASSWORD ${password}`);
    }
  } finally {
    await client.end();
  }
}

function passwordOf(ownerUrl: string, role: LoginRole): string {
  const secret = decodeURIComponent(new URL(ownerUrl).password);
  return createHmac('sha256', secret).update(role).digest('hex');
}
