import { describe, expect, test } from 'vitest';
import { runIdOf, slotOf } from '../../../src/services/agents/run-schedule.ts';

const id = '01a1fdeb-f3a1-74eb-bf97-17b8d124e746';
const model = { id, intervalSeconds: 60, createdAt: new Date('2026-01-01T12:00:07.500Z') };
const slotAt = (time: string) => slotOf(model, new Date(time)).toISOString();

describe('the slots of a model', () => {
  test('fall on its creation plus whole intervals', () => {
    expect(slotAt('2026-01-01T12:00:07.500Z')).toBe('2026-01-01T12:00:07.500Z');
    expect(slotAt('2026-01-01T12:01:07.499Z')).toBe('2026-01-01T12:00:07.500Z');
    expect(slotAt('2026-01-01T12:01:07.500Z')).toBe('2026-01-01T12:01:07.500Z');
    // 24 h are 1,440 intervals of a minute.
    expect(slotAt('2026-01-02T12:00:30Z')).toBe('2026-01-02T12:00:07.500Z');
  });

  test('are there when the clock has stepped back before its creation', () => {
    expect(slotAt('2026-01-01T12:00:00Z')).toBe('2026-01-01T11:59:07.500Z');
  });
});

describe('the id of a run', () => {
  const slot = new Date('2026-01-01T12:00:07.500Z');

  test('is always the same for a model and a slot, and another for another', () => {
    expect(runIdOf(model, slot)).toBe(runIdOf({ id }, new Date(slot)));
    const others = [
      runIdOf(model, new Date(slot.getTime() + 1)),
      runIdOf({ id: '01a1fdeb-f3a1-74eb-bf97-17b8d124e747' }, slot),
    ];
    expect(new Set([runIdOf(model, slot), ...others]).size).toBe(3);
  });

  test('is a UUID of version 7 whose time is the slot', () => {
    const runId = runIdOf(model, slot);
    expect(runId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(parseInt(runId.replaceAll('-', '').slice(0, 12), 16)).toBe(slot.getTime());
  });
});
