import { z } from 'zod';
import type { NewEvent } from '../platform/outbox.ts';
import { decimalField, timeField, toPayload } from '../platform/payload.ts';
import type { AgentLogEntry, TradingModel } from '../platform/prisma/client.ts';
import { AgentLogKind, ModelStatus, TraderKind, Visibility } from '../platform/prisma/enums.ts';

export const AGENT_LOGGED = 'AgentLogged';
export const MODEL_CHANGED = 'ModelChanged';

/** The stream of everything that happens to one model. */
export const modelTopic = (modelId: string): string => `model:${modelId}`;

/** A line came into the log of a model. */
export function agentLogged({ data, ...entry }: AgentLogEntry): NewEvent {
  return {
    topic: modelTopic(entry.modelId),
    ownerId: entry.ownerId,
    type: AGENT_LOGGED,
    version: 1,
    payload: { ...toPayload(entry), data },
    occurredAt: entry.occurredAt,
  };
}

/** A model was made, or is not as it was. The prompt and the cost are not told. */
export function modelChanged({ universe, ...model }: TradingModel): NewEvent {
  return {
    topic: modelTopic(model.id),
    ownerId: model.ownerId,
    type: MODEL_CHANGED,
    version: 1,
    payload: { ...toPayload(model), universe },
    occurredAt: model.updatedAt,
  };
}

const agentLogPayload = z.object({
  id: z.string(),
  ownerId: z.string(),
  modelId: z.string(),
  runId: z.string(),
  sequence: z.number(),
  date: timeField,
  occurredAt: timeField,
  kind: z.enum(AgentLogKind),
  content: z.string(),
  data: z.json(),
});

const modelPayload = z.object({
  id: z.string(),
  ownerId: z.string(),
  name: z.string(),
  trader: z.enum(TraderKind),
  provider: z.string(),
  modelName: z.string(),
  universe: z.array(z.string()),
  startingCash: decimalField,
  currency: z.string(),
  intervalSeconds: z.number(),
  status: z.enum(ModelStatus),
  visibility: z.enum(Visibility),
  logVisibility: z.enum(Visibility),
  version: z.number(),
  importKey: z.string().nullable(),
  createdAt: timeField,
  updatedAt: timeField,
});

/** The line that an AgentLogged event of version 1 tells; throws a ZodError for anything else. */
export function parseAgentLogged(payload: unknown): AgentLogEntry {
  return agentLogPayload.parse(payload);
}

/** The model as a ModelChanged event of version 1 left it; throws a ZodError for anything else. */
export function parseModelChanged(payload: unknown): TradingModel {
  return modelPayload.parse(payload);
}
