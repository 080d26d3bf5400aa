import { DomainError } from '../errors.ts';

/** The reader of a durable stream fell too far behind; it resumes from its last cursor. */
export class SlowReader extends DomainError {
  readonly code = 'SLOW_READER';
  readonly isRetryable = true;
  /** How many events may wait for a reader, and of how many bytes. */
  constructor({ queueEvents, queueBytes }: { queueEvents: number; queueBytes: number }) {
    const most = `More than ${queueEvents} events, or ${queueBytes} bytes of them,`;
    super(`${most} waited to be read. Resume from the last cursor.`);
  }
}

/** The event log could not be read for a while; the stream resumes from its reader's last cursor. */
export class StreamInterrupted extends DomainError {
  readonly code = 'STREAM_INTERRUPTED';
  readonly isRetryable = true;
  constructor(cause: unknown) {
    super('The stream was interrupted. Resume from the last cursor.');
    this.cause = cause;
  }
}
