import { DomainError } from '../platform/errors.ts';
import type { ModelStatus } from '../platform/prisma/enums.ts';

const WAY_OUT = {
  IDLE: 'Start it first.',
  ACTIVE: 'Stop it first.',
  STOPPING: 'Wait until its run has ended.',
  STOPPED: 'Start it first.',
  ARCHIVED: 'It is archived.',
} as const satisfies Record<ModelStatus, string>;

/** The model's state does not allow it, such as a stop of one that is not running. */
export class ModelStateConflict extends DomainError {
  readonly code = 'MODEL_STATE_CONFLICT';
  readonly status: ModelStatus;
  constructor(status: ModelStatus) {
    super(`The model is ${status}. ${WAY_OUT[status]}`);
    this.status = status;
  }
}

/** The model shows what was recorded elsewhere: it cannot run, nor be told what to trade. */
export class ModelImported extends DomainError {
  readonly code = 'MODEL_IMPORTED';
  constructor() {
    super('The model was imported: it shows its records and does not trade.');
  }
}
