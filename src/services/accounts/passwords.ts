import { availableParallelism } from 'node:os';
import type * as Argon2 from 'argon2';
import { createLimiter, LimiterFull } from '../platform/limiter.ts';
import { isEasilyGuessed } from './common-passwords.ts';
import { TooBusy, WeakPassword } from './errors.ts';
import { hashesAtOnce } from './hashes-at-once.ts';

const PASSWORD_MIN_CHARACTERS = 12;
const PASSWORD_MAX_CHARACTERS = 256;

/**
 * Cost of a hash. OWASP's Password Storage Cheat Sheet asks for 19 MiB with 2 passes, or 46 MiB
 * with 1, and one lane.
 */
export interface HashCost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

export interface PasswordsPorts {
  readonly cost: HashCost;
  /** Hashes at once; as many as this machine has room for when it is left out. */
  readonly hashesMax?: number;
  /** Hashes that may wait for their turn; further ones are refused. */
  readonly waitingMax?: number;
}

export interface Passwords {
  /**
   * Throws {@link WeakPassword} unless it has 12 to 256 characters and is not easily guessed.
   * `names`: what its owner is called, such as user name and e-mail.
   */
  assertAcceptable(password: string, names: readonly string[]): Promise<void>;
  /** Argon2id in PHC form. Throws {@link TooBusy} when too many wait. */
  hash(password: string): Promise<string>;
  /**
   * Whether `password` is the one behind `hash`. Without a hash (no such person) it is false after
   * the same work, so that the time does not tell who exists. Throws {@link TooBusy} likewise.
   */
  verify(hash: string | undefined, password: string): Promise<boolean>;
  /** Whether a hash was made at another cost than is asked for now. */
  isOutdated(hash: string): Promise<boolean>;
}

const WAITING_MAX = 100;
/** Nobody's password is longer: letters with their marks apart take a few code units each. */
const READ_MAX_CODE_UNITS = 8 * PASSWORD_MAX_CHARACTERS;
const RETRY_AFTER_SECONDS = 2;

export function createPasswords(ports: PasswordsPorts): Passwords {
  const {
    cost,
    hashesMax = hashesAtOnce(availableParallelism()),
    waitingMax = WAITING_MAX,
  } = ports;
  const limiter = createLimiter({ runningMax: hashesMax, waitingMax });
  const nobodysHash = hashOfNobody(cost);
  const settings = {
    memoryCost: cost.memoryKib,
    timeCost: cost.passes,
    parallelism: cost.lanes,
  };

  const inTurn = async <T>(work: (argon2: typeof Argon2) => Promise<T>): Promise<T> => {
    try {
      return await limiter.run(async () => work(await loadArgon2()));
    } catch (error) {
      if (error instanceof LimiterFull) throw new TooBusy(RETRY_AFTER_SECONDS);
      throw error;
    }
  };

  return {
    async assertAcceptable(password, names) {
      const characters = Array.from(normalize(password.slice(0, READ_MAX_CODE_UNITS))).length;
      if (characters < PASSWORD_MIN_CHARACTERS) {
        throw new WeakPassword(
          `A password needs at least ${PASSWORD_MIN_CHARACTERS} characters; this one has ${characters}.`,
        );
      }
      if (characters > PASSWORD_MAX_CHARACTERS || password.length > READ_MAX_CODE_UNITS) {
        throw new WeakPassword(`A password has at most ${PASSWORD_MAX_CHARACTERS} characters.`);
      }
      if (!password.isWellFormed()) {
        throw new WeakPassword('A password is text; this one holds half a character.');
      }
      if (await isEasilyGuessed(normalize(password), names)) {
        throw new WeakPassword('This is among the first passwords that others would try.');
      }
    },

    hash: (password) =>
      inTurn((argon2) => argon2.hash(normalize(password), { type: argon2.argon2id, ...settings })),

    verify: (hash, password) =>
      inTurn((argon2) =>
        argon2.verify(
          hash ?? nobodysHash,
          password.length > READ_MAX_CODE_UNITS ? '' : normalize(password),
        ),
      ),

    isOutdated: async (hash) => (await loadArgon2()).needsRehash(hash, settings),
  };
}

/** Loaded at the first password, since a start that nobody logs in to needs no native code. */
const loadArgon2 = (): Promise<typeof Argon2> => import('argon2');

/**
 * The same characters typed on two keyboards may differ in code points (NIST SP 800-63B, 3.1.1.2).
 */
const normalize = (password: string): string => password.normalize('NFKC');

/** A hash of the right cost that no password has: its digest is made up. */
function hashOfNobody({ memoryKib, passes, lanes }: HashCost): string {
  const SALT_BYTES = 16;
  const DIGEST_BYTES = 32;
  const zeros = (bytes: number) => Buffer.alloc(bytes).toString('base64').replaceAll('=', '');
  const settings = `m=${memoryKib},t=${passes},p=${lanes}`;
  return `$argon2id$v=19$${settings}$${zeros(SALT_BYTES)}$${zeros(DIGEST_BYTES)}`;
}
