import { describe, expect, test } from 'vitest';
import { createInProcessBus } from '../../../src/services/platform/event-bus/in-process.ts';
import { createSilentLogger } from '../../support/silent-logger.ts';

describe('the bus of a single process', () => {
  const create = () => {
    const log = createSilentLogger();
    const heard: string[] = [];
    const hear = (name: string) => (message: string) => void heard.push(`${name} ${message}`);
    return { bus: createInProcessBus({ log }), log, heard, hear };
  };

  test('brings a message to every subscriber of its channel and to no other', async () => {
    const { bus, heard, hear } = create();
    await bus.subscribe('a', hear('first'));
    await bus.subscribe('a', hear('second'));
    await bus.subscribe('b', hear('third'));
    await bus.publish('a', '1');
    expect(heard).toEqual(['first 1', 'second 1']);
  });

  test('spares the others when a subscriber throws, and logs it', async () => {
    const { bus, log, heard, hear } = create();
    await bus.subscribe('a', () => {
      throw new Error('broken');
    });
    await bus.subscribe('a', hear('second'));
    await bus.publish('a', '1');
    expect(heard).toEqual(['second 1']);
    expect(log.lines).toEqual([
      { level: 'error', message: 'A subscriber of the event bus failed.' },
    ]);
  });

  test('ends one subscription of a function that subscribed twice, and only once', async () => {
    const { bus, heard, hear } = create();
    const listener = hear('it');
    const unsubscribe = await bus.subscribe('a', listener);
    await bus.subscribe('a', listener);
    unsubscribe();
    unsubscribe();
    await bus.publish('a', '1');
    expect(heard).toEqual(['it 1']);
  });

  test('says nothing after it was closed', async () => {
    const { bus, heard, hear } = create();
    await bus.subscribe('a', hear('early'));
    await bus.close();
    await bus.subscribe('a', hear('late'));
    await bus.publish('a', '1');
    expect(heard).toEqual([]);
  });
});
