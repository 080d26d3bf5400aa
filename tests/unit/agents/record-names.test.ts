import { expect, test } from 'vitest';
import { traderFolder } from '../../../src/services/agents/export/record-names.ts';

test.each([
  ['ai-trader:gpt', 'agent_data/gpt'],
  ['ai-trader:gpt@home', 'agent_data/gpt@home'],
  ['ai-trader:shares/gpt', 'shares/gpt'],
  ['ai-trader:shares/gpt@60min', 'hourly/shares/gpt'],
  ['ai-trader:sh@res/gpt @ 10:00', 'sh@res/gpt @ 10:00'],
  ['ai-trader:sh@res/gpt@home@60min', 'hourly/sh@res/gpt@home'],
  ['ai-trader:shares/gpt@60min@60min', 'hourly/shares/gpt@60min'],
])('the records of %s lie in %s', (importKey, folder) => {
  expect(traderFolder(importKey)).toBe(folder);
});
