import { afterAll, expect } from 'vitest';
import { createGraphClient, type GraphClient } from '../support/graph-client.ts';
import {
  findDemoModel,
  isModelStopped,
  openAccount,
  placeOrder,
  switchModel,
  type PaperAccount,
} from '../support/paper-accounts.ts';
import { makeDataFolder, launchProgram, type RunningProgram } from '../support/running-program.ts';
import { until } from '../support/until.ts';

/** The real program with its demo, and an account of the trader that is traded by hand. */
export interface LiveHouse {
  readonly program: RunningProgram;
  readonly url: string;
  /** Of the trader. */
  readonly token: string;
  readonly graph: GraphClient;
  readonly demo: PaperAccount;
  readonly account: PaperAccount;
  /** An order by hand, which fills within moments. Answers with its client order id. */
  trade(): Promise<string>;
  /** Lets the demo's model rest, and waits until nothing is added any more. */
  rest(key: string): Promise<void>;
}

export const JWT_SECRET = 'a secret of the live tests, 32 bytes and more';
const SYMBOLS = ['ACME.SIM', 'BORE.SIM', 'CIRR.SIM', 'EMBR.SIM'];
const OPEN_ORDERS = `{
  orders(first: 1, filter: { status: [PENDING, SUBMITTED, ACCEPTED, PARTIALLY_FILLED] }) {
    nodes { id }
  }
}`;

/** Opens it for the test file, while the file is loaded; it is gone after the file's last test. */
export async function openLiveHouse(): Promise<LiveHouse> {
  const { folder, remove } = await makeDataFolder();
  afterAll(remove);
  const program = await launchProgram({ dataDirectory: folder, environment: { JWT_SECRET } });
  afterAll(() => program.stop());
  const token = program.demo?.accessToken ?? '';
  const { url } = program;
  const graph = createGraphClient({ url, token });
  const demo = await findDemoModel(graph);
  const account = await openAccount(graph, 'Trades by hand');
  let ordered = 0;

  return {
    ...{ program, url, token, graph, demo, account },
    async trade() {
      ordered += 1;
      const clientOrderId = `by-hand-${String(ordered)}`;
      const answer = await placeOrder(graph, {
        accountId: account.accountId,
        symbol: SYMBOLS[ordered % SYMBOLS.length] ?? '',
        side: 'BUY',
        quantity: '1',
        clientOrderId,
      });
      expect(answer).toMatchObject({ kind: 'placed' });
      return clientOrderId;
    },
    async rest(key) {
      await switchModel(graph, { id: demo.modelId, to: 'stop', key });
      await until('the model stopped', () => isModelStopped(graph, demo.modelId));
      await until('every order ended', async () => {
        const { orders } = await graph.request<{ orders: { nodes: readonly unknown[] } }>(
          OPEN_ORDERS,
        );
        return orders.nodes.length === 0;
      });
    },
  };
}
