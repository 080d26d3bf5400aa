import { serverAudits } from 'graphql-http';
import { describe, expect, test } from 'vitest';
import { openTestApp } from '../support/app.ts';
import { serve } from '../support/served.ts';

const house = await openTestApp();
const { url } = await serve(house);

describe('GraphQL over HTTP', () => {
  const audits = serverAudits({ url, fetchFn: fetch });

  test('has 61 rules', () => {
    expect(audits).toHaveLength(61);
  });

  test.each(audits.map((audit) => [audit.id, audit.name, audit] as const))(
    '%s %s',
    async (_id, _name, audit) => {
      expect(await audit.fn()).toMatchObject({ status: 'ok' });
    },
  );
});
