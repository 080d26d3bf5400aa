import { createHash } from 'node:crypto';
import type { ExecutionResult } from 'graphql';
import type { Clock } from '../services/platform/clock.ts';
import type { PublicChanges } from '../services/platform/public-changes.ts';
import type { PublicRoot } from '../schema/public-reads.ts';

/** The data of an answer, which everyone gets who may see it. Nobody changes it. */
export interface KeptAnswer {
  readonly data: NonNullable<ExecutionResult['data']>;
  /** Its JSON. */
  readonly text: string;
  /** Weak: what each caller's answer says besides, such as its cost, is their own. */
  readonly etag: string;
}

export interface KeptAnswers {
  /**
   * The answer of a key: the kept one while nothing of its sources has changed, or else the one that is
   * computed for all who ask meanwhile. Undefined where everyone must ask for themselves: it has errors,
   * or this process does not hear of changes.
   */
  answerOf(
    key: string,
    root: PublicRoot,
    compute: () => Promise<ExecutionResult>,
  ): KeptAnswer | Promise<KeptAnswer | undefined> | undefined;
}

export interface KeptAnswersPorts {
  readonly changes: Pick<PublicChanges, 'isHeard' | 'versionOf'>;
  readonly clock: Clock;
  /** What all together may take, about. */
  readonly bytesMax: number;
}

interface Kept {
  readonly version: number;
  readonly atMs: number;
  readonly answer: KeptAnswer;
  readonly bytes: number;
}

interface Computing {
  readonly version: number;
  readonly answer: Promise<KeptAnswer | undefined>;
}

const ENTRIES_MAX = 2_000;
/** An answer is there as text and as objects, which take several times as much. */
const BYTES_OF_CHARACTER = 6;
/** No answer takes the room of many. */
const SHARE_MAX = 8;
/** However much it is asked for, and whatever is not told: so old is no answer. */
const GOOD_MS = 10_000;
/** Of what depends on the time that it is asked at. */
const MOMENT_MS = 1_000;

export function createKeptAnswers({ changes, clock, bytesMax }: KeptAnswersPorts): KeptAnswers {
  const all = new Map<string, Kept>();
  const computing = new Map<string, Computing>();
  let bytes = 0;
  const nowMs = (): number => clock.now().getTime();

  const forget = (key: string): void => {
    bytes -= all.get(key)?.bytes ?? 0;
    all.delete(key);
  };
  const keep = (key: string, kept: Kept): void => {
    forget(key);
    if (kept.bytes > bytesMax / SHARE_MAX) return;
    all.set(key, kept);
    bytes += kept.bytes;
    // A Map keeps the order of insertion: the first was not asked for for the longest time.
    for (const oldest of all.keys()) {
      if (bytes <= bytesMax && all.size <= ENTRIES_MAX) return;
      forget(oldest);
    }
  };
  /** Moves a good one to the end. */
  const find = (key: string, root: PublicRoot, version: number): KeptAnswer | undefined => {
    const kept = all.get(key);
    if (!kept) return undefined;
    const ageMs = nowMs() - kept.atMs;
    const isGood = ageMs >= 0 && ageMs < (root.isOfTheMoment ? MOMENT_MS : GOOD_MS);
    if (!isGood || kept.version !== version) {
      forget(key);
      return undefined;
    }
    all.delete(key);
    all.set(key, kept);
    return kept.answer;
  };

  const computeOnce = async (
    key: string,
    { sources }: PublicRoot,
    compute: () => Promise<ExecutionResult>,
  ): Promise<KeptAnswer | undefined> => {
    const [version, atMs] = [changes.versionOf(sources), nowMs()];
    try {
      const { data, errors } = await compute();
      if (!data || errors) return undefined;
      const text = JSON.stringify(data);
      const answer = { data, text, etag: etagOf(text) };
      const size = (text.length + key.length) * BYTES_OF_CHARACTER;
      // What changed while it was computed may not be in it.
      if (changes.isHeard() && changes.versionOf(sources) === version) {
        keep(key, { version, atMs, answer, bytes: size });
      }
      return answer;
    } catch {
      // Whoever asks for themselves hears of it.
      return undefined;
    } finally {
      if (computing.get(key)?.version === version) computing.delete(key);
    }
  };

  return {
    answerOf(key, root, compute) {
      if (bytesMax === 0 || !changes.isHeard()) return undefined;
      const version = changes.versionOf(root.sources);
      const kept = find(key, root, version);
      if (kept) return kept;
      const begun = computing.get(key);
      // One that began before a change is not for who asks after it.
      if (begun?.version === version) return begun.answer;
      const answer = computeOnce(key, root, compute);
      computing.set(key, { version, answer });
      return answer;
    },
  };
}

function etagOf(text: string): string {
  return `W/"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
}
