/** What the join must know of an event. */
export interface Sequenced {
  readonly position: bigint;
}

/** An event that came live, with the position of the one before it in the same source. */
export interface Linked<Event extends Sequenced> {
  readonly event: Event;
  readonly previous: bigint;
}

/** What is known of a source at the head of the log. */
export interface HeadOfSource {
  /** The log has reached this position. */
  readonly position: bigint;
  /** The news speaks of the positions after this one; of none if it is undefined. */
  readonly since?: bigint | undefined;
  /** Position of the last event of the source among those; undefined when there is none. */
  readonly last?: bigint | undefined;
}

/**
 * Joins what comes live with what is read from the log into one sequence, without loss, doubles or
 * disorder. Pure: it is told what came and says what is next, and when the log has to be read.
 */
export interface Join<Event extends Sequenced> {
  /** Every event of the source up to here was handed out. */
  readonly through: bigint;
  /** Events that came live and were not handed out yet. */
  readonly waitingCount: number;
  /** The same, one by one. */
  waiting(): IterableIterator<Event>;
  /** The log holds events that did not come live: read it after {@link through}. */
  readonly mustRead: boolean;
  /** An event came live: in any order, any number of times, or never. */
  offer(linked: Linked<Event>): void;
  /**
   * The same where it is the next event and nothing else waits or is to be read, as nearly always; false
   * where it is not, and nothing has changed then. It counts as handed out.
   */
  pass(linked: Linked<Event>): boolean;
  head(news: HeadOfSource): void;
  /**
   * The log was read after {@link through}: `events` are all of the source up to `readThrough`, in
   * order. Returns those to hand out, before what {@link next} gives.
   */
  page(events: readonly Event[], readThrough: bigint): readonly Event[];
  /** The next event that came live, if none is missing before it. */
  next(): Event | undefined;
  /** Forgets what waits; the log will be read instead. */
  spill(): void;
}

/** `through`: where the source is known from. */
export function createJoin<Event extends Sequenced>(start: bigint): Join<Event> {
  let through = start;
  /** All of the source up to here was handed out, waits, or is `wanted`. */
  let covered = start;
  /** The log has an event of the source at this position, which may not have come live. */
  let wanted = start;
  let waiting: Linked<Event>[] = [];

  /** Drops what came twice, and moves on to where nothing is missing. */
  const settle = (): void => {
    const stale = waiting.findIndex(({ event }) => event.position > through);
    if (stale !== 0) waiting.splice(0, stale === -1 ? waiting.length : stale);
    if (waiting.length === 0 && wanted <= through && covered > through) through = covered;
  };

  return {
    get through() {
      settle();
      return through;
    },
    get waitingCount() {
      settle();
      return waiting.length;
    },
    *waiting() {
      settle();
      for (const { event } of waiting) yield event;
    },
    get mustRead() {
      settle();
      return waiting[0] ? waiting[0].previous > through : wanted > through;
    },
    offer(linked) {
      const { position } = linked.event;
      if (position <= through) return;
      const later = waiting.findLastIndex(({ event }) => event.position <= position) + 1;
      if (waiting[later - 1]?.event.position === position) return;
      waiting.splice(later, 0, linked);
    },
    pass({ event: { position }, previous }) {
      settle();
      if (waiting.length > 0 || wanted > through) return false;
      if (previous > through || position <= through) return false;
      through = position;
      return true;
    },
    head({ position, since, last }) {
      const isComplete = since !== undefined && since <= covered;
      // News of a range that does not begin where ours ends says nothing of what lies between.
      const reached = isComplete ? last : position;
      if (reached !== undefined && reached > covered) wanted = maxOf(wanted, reached);
      covered = maxOf(covered, position);
    },
    page(events, readThrough) {
      const fresh = events.filter(({ position }) => position > through);
      through = maxOf(through, readThrough);
      covered = maxOf(covered, through);
      return fresh;
    },
    next() {
      settle();
      const first = waiting[0];
      if (!first || first.previous > through) return undefined;
      waiting.shift();
      through = first.event.position;
      return first.event;
    },
    spill() {
      const last = waiting.at(-1);
      if (last) wanted = maxOf(wanted, last.event.position);
      waiting = [];
    },
  };
}

function maxOf(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
