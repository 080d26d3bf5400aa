import type { Decimal } from '../platform/money.ts';
import type { ModelStatus, Visibility } from '../platform/prisma/enums.ts';

export interface CreateModel {
  readonly idempotencyKey: string;
  readonly name: string;
  readonly universe: readonly string[];
  readonly startingCash: Decimal;
  readonly intervalSeconds: number;
  readonly visibility: Visibility;
  readonly logVisibility: Visibility;
  readonly prompt: string;
}

/** What is left out stays as it is. */
export interface UpdateModel {
  readonly id: string;
  readonly idempotencyKey: string;
  readonly name?: string | undefined;
  readonly universe?: readonly string[] | undefined;
  readonly intervalSeconds?: number | undefined;
  readonly visibility?: Visibility | undefined;
  readonly logVisibility?: Visibility | undefined;
  readonly prompt?: string | undefined;
}

export interface ModelCommand {
  readonly id: string;
  readonly idempotencyKey: string;
}

/** What a write came to: an id, and the state that refused it, if one did. Survives JSON. */
export type ModelOutcome = Readonly<{ modelId: string; refusedStatus: ModelStatus | null }>;
