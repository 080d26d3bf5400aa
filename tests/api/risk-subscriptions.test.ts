import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/schema/global-ids.ts';
import { encodeCursor } from '../../src/services/platform/event-log/cursor.ts';
import { userViewer, type AuthenticatedViewer } from '../../src/services/platform/viewer.ts';
import type { SetKillSwitch } from '../../src/services/trading/risk/kill-switches.ts';
import type { SetRiskLimits } from '../../src/services/trading/risk/risk-limits.ts';
import { openTestApp } from '../support/app.ts';
import { collect } from '../support/collected.ts';
import { connectBySocket } from '../support/live-connection.ts';
import { eventually } from '../support/outbox.ts';
import { serve } from '../support/served.ts';
import { createTradingFloor, decimal } from '../support/trading-floor.ts';

const house = await openTestApp();
const { url } = await serve(house);
const floor = createTradingFloor(house.database);
const ada = await house.addPerson('ada');
const bob = await house.addPerson('bob');
const operator = await house.addPerson('operator', 'ADMIN');
const owner = userViewer({ userId: ada.id, role: 'USER' });
const stranger = userViewer({ userId: bob.id, role: 'USER' });
const admin = userViewer({ userId: operator.id, role: 'ADMIN' });
const { killSwitches, riskLimitSettings } = house.app.services;

type Item = Readonly<Record<string, unknown>>;

/** What a stream gave so far. */
function follow(field: string, fields: string, { token } = ada) {
  const connection = connectBySocket({ url, token });
  afterAll(() => {
    connection.close();
  });
  const { results } = collect(
    connection.iterate({ query: `subscription { item: ${field} { ${fields} } }` }),
  );
  const items = () => results.map(({ data }) => data?.['item'] as Item);
  return { items, told: () => items().map((item) => withoutCursor(item)) };
}

const withoutCursor = ({ cursor: _cursor, ...item }: Item): Item => item;

const OWN = `__typename
  ... on KillSwitchChanged { cursor account { id } killSwitch { scope isOn reason isByAdministrator } }
  ... on RiskLimitsChanged { cursor account { id }
    riskLimits { scope maxOrderValue allowedSymbols isByAdministrator } }`;
const OF_DEPLOYMENT = `__typename
  ... on TradingStatusChanged { cursor status { isHalted reason since } }
  ... on DeploymentLimitsChanged { cursor }`;

type Wanted<Command> = Command extends unknown ? Omit<Command, 'idempotencyKey'> : never;
const turn = (by: AuthenticatedViewer, command: Wanted<SetKillSwitch>) =>
  killSwitches.set(by, { ...command, idempotencyKey: randomUUID() });
const limit = (by: AuthenticatedViewer, command: Wanted<SetRiskLimits>) =>
  riskLimitSettings.set(by, { ...command, idempotencyKey: randomUUID() });

/** Until the log holds all that was committed: then no event of before comes a second time. */
const everythingRelayed = () =>
  eventually('the relay has it', async () => {
    const rows = await house.database.query('SELECT 1 FROM outbox LIMIT 1');
    return rows.length === 0;
  });

test('switches and limits come as they stand, then as anybody changes them, and go on after a cursor', async () => {
  const account = await floor.openAccount(owner, '10000');
  const of = { scope: 'ACCOUNT', accountId: account.id } as const;
  const id = encodeGlobalId('Account', account.id);
  await turn(owner, { ...of, isOn: true, reason: 'A drill.' });
  await limit(admin, { ...of, limits: { maxOrderValue: decimal('12.5') } });
  await everythingRelayed();

  const live = follow(`riskEvents(accountId: "${id}")`, OWN);
  const all = follow('riskEvents', OWN);
  await eventually('both begin', () => [live, all].every(({ items }) => items().length === 2));
  await turn(owner, { ...of, isOn: false });
  await limit(owner, { ...of, limits: { allowedSymbols: ['ACME.SIM'] } });
  await turn(admin, { scope: 'USER', userId: ada.id, isOn: true });
  await eventually('all was told', () => all.items().length === 5);
  const ofSwitch = { __typename: 'KillSwitchChanged', account: { id } };
  const ofLimits = { __typename: 'RiskLimitsChanged', account: { id } };
  const byOwner = { scope: 'ACCOUNT', isByAdministrator: false };
  const ofAccount = [
    { ...ofSwitch, killSwitch: { ...byOwner, isOn: true, reason: 'A drill.' } },
    {
      ...ofLimits,
      riskLimits: {
        ...{ scope: 'ACCOUNT', isByAdministrator: true },
        ...{ maxOrderValue: '12.5', allowedSymbols: null },
      },
    },
    { ...ofSwitch, killSwitch: { ...byOwner, isOn: false, reason: null } },
    { ...ofLimits, riskLimits: { ...byOwner, maxOrderValue: null, allowedSymbols: ['ACME.SIM'] } },
  ];
  expect(live.told()).toEqual(ofAccount);
  expect(all.told()).toEqual([
    ...ofAccount,
    {
      ...{ __typename: 'KillSwitchChanged', account: null },
      killSwitch: { scope: 'USER', isByAdministrator: true, isOn: true, reason: null },
    },
  ]);

  const again = follow(`riskEvents(after: "${String(all.items()[2]?.['cursor'])}")`, OWN);
  await eventually('it goes on', () => again.items().length === 2);
  expect(again.items()).toEqual(all.items().slice(3));
  await turn(admin, { scope: 'USER', userId: ada.id, isOn: false });
});

test('what others set for themselves is not told', async () => {
  await limit(owner, { scope: 'USER', limits: { ordersPerMinute: 9 } });
  await everythingRelayed();
  const live = follow(`riskEvents(after: "${encodeCursor(0n)}")`, '__typename', bob);
  await limit(owner, { scope: 'USER', limits: { ordersPerMinute: 10 } });
  await limit(stranger, { scope: 'USER', limits: { ordersPerMinute: 11 } });
  await eventually('their own came', () => live.items().length > 0);
  await everythingRelayed();
  expect(live.items()).toHaveLength(1);
});

test('the deployment is told to everybody: first whether it takes orders, then as that changes', async () => {
  const live = follow('deploymentRiskEvents', OF_DEPLOYMENT, bob);
  await eventually('it begins', () => live.items().length === 1);
  const scope = { scope: 'DEPLOYMENT' } as const;
  await turn(admin, { ...scope, isOn: true, reason: 'All of it.' });
  await limit(admin, { ...scope, limits: { maxOrderValue: decimal(7) } });
  await turn(admin, { ...scope, isOn: false });
  await eventually('all was told', () => live.items().length === 4);
  const going = { isHalted: false, reason: null, since: null };
  const halted = { isHalted: true, reason: 'All of it.', since: expect.any(String) as string };
  expect(live.told()).toEqual([
    { __typename: 'TradingStatusChanged', status: going },
    { __typename: 'TradingStatusChanged', status: halted },
    { __typename: 'DeploymentLimitsChanged' },
    { __typename: 'TradingStatusChanged', status: going },
  ]);
  const cursor = String(live.items()[1]?.['cursor']);
  const again = follow(`deploymentRiskEvents(after: "${cursor}")`, OF_DEPLOYMENT);
  await eventually('it goes on', () => again.items().length === 2);
  expect(again.items()).toEqual(live.items().slice(2));
});
