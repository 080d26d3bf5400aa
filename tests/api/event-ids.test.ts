import { describe, expect, test } from 'vitest';
import { encodeCursor } from '../../src/services/platform/event-log/cursor.ts';
import { openTestApp } from '../support/app.ts';
import { LINES, tellLargeLines } from '../support/large-lines.ts';
import { serve } from '../support/served.ts';

const house = await openTestApp();
const { url } = await serve(house);
const ada = await house.addPerson('ada');
await tellLargeLines(house, ada, 6);
const FROM_FIRST = encodeCursor(0n);

interface Sent {
  readonly id: string | undefined;
  readonly sequence: number;
}

/** What a browser's EventSource reads of the stream: `count` events, with their ids. */
async function read(
  count: number,
  { query = LINES, after, lastEventId }: { query?: string; after?: string; lastEventId?: string },
): Promise<readonly Sent[]> {
  const parameters = new URLSearchParams({ query, variables: JSON.stringify({ after }) });
  const reading = new AbortController();
  const response = await fetch(`${url}?${parameters.toString()}`, {
    headers: {
      ...{ accept: 'text/event-stream', authorization: `Bearer ${ada.token}` },
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    },
    signal: reading.signal,
  });
  const sent: Sent[] = [];
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const messages = text.split('\n\n');
    text = messages.pop() ?? '';
    sent.push(...messages.flatMap(parse));
    if (sent.length >= count) break;
  }
  reading.abort();
  return sent.slice(0, count);
}

function parse(message: string): Sent[] {
  const fieldOf = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(message)?.[1];
  const data = fieldOf('data');
  if (fieldOf('event') !== 'next' || data === undefined) return [];
  const { data: result } = JSON.parse(data) as {
    data: { viewerEvents: { entry: { sequence: number } } };
  };
  return [{ id: fieldOf('id'), sequence: result.viewerEvents.entry.sequence }];
}
const sequencesOf = (sent: readonly Sent[]) => sent.map(({ sequence }) => sequence);

describe('a stream of server-sent events', () => {
  test('has the cursor of each event as its id', async () => {
    const sent = await read(6, { after: FROM_FIRST });
    expect(sequencesOf(sent)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(new Set(sent.map(({ id }) => id)).size).toBe(6);
    const [, second] = sent;
    // As `after`, it brings what follows.
    expect(sequencesOf(await read(1, { after: second?.id ?? '' }))).toEqual([2]);
  });

  test('goes on behind the Last-Event-ID, and not where its document says', async () => {
    const [, , third] = await read(3, { after: FROM_FIRST });
    const lastEventId = third?.id ?? '';
    expect(sequencesOf(await read(3, { after: FROM_FIRST, lastEventId }))).toEqual([3, 4, 5]);
  });

  test('goes on behind the Last-Event-ID where its document says nothing', async () => {
    const query = LINES.replace('(after: $after)', '').replace('($after: Cursor)', '');
    // Without one, the latest event comes first.
    const [latest] = await read(1, { query });
    expect(latest?.sequence).toBe(5);
    const [first] = await read(1, { after: FROM_FIRST });
    const resumed = await read(2, { query, lastEventId: first?.id ?? '' });
    expect(sequencesOf(resumed)).toEqual([1, 2]);
  });
});
