import { Client } from 'pg';
import { onTestFinished, vi } from 'vitest';

interface Sent {
  readonly user: string | undefined;
  readonly text: string;
}

/**
 * Who calls, and which instruments there are, both known for two seconds; and the settings of a
 * transaction, which go with its BEGIN.
 */
const NOT_ASKED = /\bfind_session\(|\bFROM instruments WHERE id = ANY|^SELECT set_config\(/;

/**
 * The statements that a role, the server's when none is told, sends to the database while `work` runs, whatever sends them:
 * all of it goes through the client of `pg`. Lists of parameters of any length look alike. What is
 * asked for once in two seconds is left out: not all of what is looked at asks for it.
 */
export async function statementsOf(
  work: () => Promise<unknown>,
  role = 'tradegraph_server',
): Promise<string[]> {
  const sent: Sent[] = [];
  const query = Client.prototype.query as (this: Client, ...given: unknown[]) => unknown;
  const spy = vi.spyOn(Client.prototype, 'query').mockImplementation(function (
    this: Client,
    ...given: unknown[]
  ) {
    const [first] = given as [string | { readonly text: string; readonly texts?: string[] }];
    const texts = typeof first === 'string' ? [first] : (first.texts ?? [first.text]);
    for (const text of texts) sent.push({ user: this.user, text });
    return query.apply(this, given) as undefined;
  });
  onTestFinished(() => {
    spy.mockRestore();
  });
  await work();
  spy.mockRestore();
  return sent
    .filter(({ user, text }) => user === role && !NOT_ASKED.test(text))
    .map(({ text }) => text.replaceAll(/\$\d+(,\s*\$\d+)*/g, '$').replaceAll(/\s+/g, ' '));
}
