import type { Demo } from '../../prisma/seed.ts';
import type { Config } from '../services/platform/config/config.ts';

const SECONDS_AN_HOUR = 3600;

/** What shows something at once, the last one without a token. A test holds them to the graph. */
export const TO_TRY: readonly string[] = [
  'subscription { tradeExecuted { ... on TradeExecuted { trade { side quantity price } } } }',
  '{ viewer { accounts { nodes { name cash buyingPower } } } }',
  'subscription { quotes(symbols: ["ACME.SIM"]) { bid ask time } }',
];

/** What a person needs to know of a demo that has just been made; it is shown this once. */
export function describeDemo({ people, accessToken }: Demo, config: Config): readonly string[] {
  const hours = config.auth.demoTokenLifetimeSeconds / SECONDS_AN_HOUR;
  return [
    'Log-ins of the demo, shown only now:',
    ...people.map(({ username, password }) => `  ${username.padEnd(8)} ${password}`),
    '',
    `A token of the trader, good for ${String(hours)} hours; paste it under "Headers" in GraphiQL:`,
    `  {"authorization": "Bearer ${accessToken}"}`,
    '',
    'Try there:',
    ...TO_TRY.map((operation) => `  ${operation}`),
  ];
}

/** The last lines of a start: where it answers, and what to do next. */
export function greeting({
  url,
  config,
  demo,
}: {
  url: string;
  config: Config;
  demo: Demo | undefined;
}): readonly string[] {
  const seconds = (performance.now() / 1000).toFixed(1);
  const ready = `Tradegraph answers at ${url} (ready in ${seconds} s)`;
  if (config.environment === 'production') return [ready];
  const next = demo
    ? ['', ...describeDemo(demo, config)]
    : ['For a token: npm run cli -- token trader (or admin)'];
  return [ready, ...next, '', 'Stop it with Ctrl-C.'];
}
