import type { Demo } from '../../prisma/seed.ts';

/** What a person needs to know of a demo that has just been made; it is shown this once. */
export function describeDemo({ people, accessToken, accountId }: Demo): readonly string[] {
  return [
    'Log-ins of the demo, shown only now:',
    ...people.map(({ username, password }) => `  ${username.padEnd(8)} ${password}`),
    '',
    'For GraphiQL, a token of the trader; paste it under "Headers":',
    `  {"authorization": "Bearer ${accessToken}"}`,
    '',
    'Try there:',
    `  subscription { tradeExecuted(accountId: "${accountId}") { trade { symbol } } }`,
  ];
}
