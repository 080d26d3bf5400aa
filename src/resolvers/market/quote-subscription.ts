import { z } from 'zod';
import { builder } from '../../schema/builder.ts';
import { Quote } from '../../schema/market/quote.ts';
import { SHARED } from '../../schema/shared.ts';

const SYMBOLS_MAX = 100;

builder.subscriptionField('quotes', (t) =>
  t.field({
    ...SHARED,
    type: Quote,
    description:
      'The newest quotes of some symbols as they change, at most four a second of a symbol. What is ' +
      'known already comes first. A slow reader misses values in between, never the newest.',
    args: {
      symbols: t.arg.stringList({
        description: `The symbols, 1 to ${SYMBOLS_MAX}.`,
        validate: z.array(z.string()).min(1).max(SYMBOLS_MAX),
      }),
    },
    subscribe: (_root, { symbols }, { services }) => services.liveQuotes.follow(symbols),
    resolve: (quote) => quote,
  }),
);
