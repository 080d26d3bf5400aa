import { randomUUID } from 'node:crypto';
import type { Account } from '../../src/services/platform/prisma/client.ts';
import type { Visibility } from '../../src/services/platform/prisma/enums.ts';
import { systemViewer } from '../../src/services/platform/viewer.ts';
import type { TestDatabase } from './database.ts';
import type { Graph } from './graph.ts';
import type { Person } from './people.ts';
import { decimal } from './trading-floor.ts';

/** What others see of a model: nothing; the model; the model and its log. */
export type Standing = 'private' | 'public' | 'published';

export interface OwnedModel {
  readonly id: string;
  readonly name: string;
  readonly prompt: string;
  /** Opened with 10,000. */
  readonly account: Account;
  /** The one line of its log. */
  readonly line: { readonly id: string; readonly content: string; readonly runId: string };
}

interface ModelHouse {
  readonly graph: Pick<Graph, 'app'>;
  readonly database: Pick<TestDatabase, 'worker'>;
  readonly owner: Pick<Person, 'viewer'>;
}

/** A model as its owner makes it, with a line in its log as its runs write it. */
export async function addModel(
  { graph: { app }, database, owner }: ModelHouse,
  standing: Standing,
): Promise<OwnedModel> {
  const visibility = (isPublic: boolean): Visibility => (isPublic ? 'PUBLIC' : 'PRIVATE');
  const prompt = `Prompt of the ${standing} model`;
  const model = await app.services.models.create(owner.viewer(), {
    name: `The ${standing} model`,
    universe: ['ACME.SIM'],
    startingCash: decimal(10_000),
    intervalSeconds: 86_400,
    prompt,
    visibility: visibility(standing !== 'private'),
    logVisibility: visibility(standing === 'published'),
    idempotencyKey: `make-${standing}`,
  });
  const { id, name } = model;
  const content = `Thought of the ${standing} model`;
  const runId = randomUUID();
  const line = await addLine({ graph: { app }, database }, model, { runId, content });
  const [account] = await app.services.portfolios.list(owner.viewer(), { where: { modelId: id } });
  if (!account) throw new Error('The model has no account.');
  return { id, name, prompt, account, line: { id: line.id, content, runId } };
}

/** A line of a run that has none yet, as the runner writes it. */
export async function addLine(
  { graph: { app }, database }: Omit<ModelHouse, 'owner'>,
  model: { readonly id: string; readonly ownerId: string },
  { runId = randomUUID(), content }: { readonly runId?: string; readonly content: string },
): Promise<{ id: string }> {
  const [line] = await database.worker.withViewer(systemViewer(), (tx) =>
    app.services.agentLog.append(tx, {
      ...{ model, runId, date: new Date('2026-11-20T00:00:00Z'), occurredAt: app.clock.now() },
      lines: [{ sequence: 0, kind: 'ASSISTANT', content, data: { decided: content } }],
    }),
  );
  if (!line) throw new Error('The line was not written.');
  return line;
}
