import { randomUUID } from 'node:crypto';
import { createMailComposition } from '../../src/services/notifications/mail-composition.ts';
import type {
  AddresseeChecks,
  MailPreparations,
} from '../../src/services/notifications/mail-preparation.ts';
import { createMailRendering } from '../../src/services/notifications/mail-rendering.ts';
import { createMailRows } from '../../src/services/notifications/mail-rows.ts';
import { createMailSender, type MailSender } from '../../src/services/notifications/mail-sender.ts';
import type { MailTransport } from '../../src/services/notifications/mail-transport.ts';
import { createRandom } from '../../src/services/platform/random.ts';
import { systemTimers } from '../../src/services/platform/timers.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { createFixedClock, type FixedClock } from './fixed-clock.ts';
import { FROM } from './mail-transports.ts';
import { createSilentLogger } from './silent-logger.ts';

export interface MailRow {
  readonly status: string;
  readonly attempts: number;
  readonly last_error: string | null;
  readonly sent_at: Date | null;
  readonly next_attempt_at: Date | null;
}

/** Mails in a database of the test file's own, and senders of them. */
export interface MailHouse {
  readonly database: TestDatabase;
  readonly clock: FixedClock;
  readonly log: ReturnType<typeof createSilentLogger>;
  /** Queues a mail now and answers its id. */
  add(mail?: {
    readonly template?: string;
    readonly data?: object;
    readonly recipient?: string;
  }): Promise<string>;
  row(id: string): Promise<MailRow | undefined>;
  sender(by: MailTransport | undefined): MailSender;
}

export async function createMailHouse(prepare: Partial<MailPreparations> = {}): Promise<MailHouse> {
  const database = await createTestDatabase();
  const clock = createFixedClock('2026-11-21T17:20:00Z');
  const log = createSilentLogger();
  const nobody = () => Promise.resolve(undefined);
  const theirs = () => Promise.resolve({});
  const checks: AddresseeChecks = {
    ...{ 'sign-up-waiting': theirs, 'account-approved': theirs, 'account-rejected': theirs },
    ...{ 'account-disabled': theirs, 'account-enabled': theirs, 'password-changed': theirs },
    ...{ 'second-factor-changed': theirs, 'api-key-created': theirs },
    'webhook-disabled': theirs,
  };
  const composition = createMailComposition({
    rendering: createMailRendering({ publicUrl: 'https://app.example.com' }),
    prepare: { 'verify-email': nobody, 'password-reset': nobody, ...checks, ...prepare },
  });
  return {
    database,
    clock,
    log,
    async add({
      template = 'account-approved',
      data = { username: 'ada' },
      recipient = 'ada@example.com',
    } = {}) {
      const id = randomUUID();
      await database.query(
        `INSERT INTO mails (id, recipient, template, data, status, attempts, created_at,
           next_attempt_at) VALUES ($1, $2, $3, $4, 'QUEUED', 0, $5, $5)`,
        [id, recipient, template, JSON.stringify(data), clock.now()],
      );
      return id;
    },
    async row(id) {
      const [row] = await database.query<MailRow & Record<string, unknown>>(
        `SELECT status::text, attempts, last_error, sent_at, next_attempt_at
         FROM mails WHERE id = $1`,
        [id],
      );
      return row;
    },
    sender: (transport) =>
      createMailSender({
        rows: createMailRows({ workerDb: database.worker }),
        ...{ composition, transport, from: FROM, clock, log },
        timers: systemTimers,
        // Always a half: pauses are neither longer nor shorter than their middle.
        random: { ...createRandom(1), next: () => 0.5 },
      }),
  };
}
