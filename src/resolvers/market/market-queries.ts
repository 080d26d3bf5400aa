import { z } from 'zod';
import { builder } from '../../schema/builder.ts';
import { pageCost, parsePage, toConnection } from '../../schema/connections.ts';
import { Bar, BarConnection } from '../../schema/market/bar.ts';
import { BarIntervalEnum } from '../../schema/market/enums.ts';
import {
  Instrument,
  InstrumentConnection,
  InstrumentFilterInput,
} from '../../schema/market/instrument.ts';
import { Quote } from '../../schema/market/quote.ts';
import { trimToPage } from '../../schema/prisma-page.ts';
import { NotFound } from '../../services/platform/errors.ts';
import { given } from '../given.ts';

const SYMBOLS_MAX = 100;
/** A time series is read in one go and drawn as a line, so its pages are longer than lists are. */
const BARS_MAX = 5_000;
/** Points cost less than objects: they have no permissions of their own and no relations. */
const BARS_PER_POINT = 20;

const symbolKey = (symbol: string, id: string) => ({ value: symbol, id });

builder.queryFields((t) => ({
  instruments: t.connection(
    {
      type: Instrument,
      description: 'All instruments, by symbol from A to Z.',
      args: {
        filter: t.arg({
          type: InstrumentFilterInput,
          required: false,
          description: 'Only such instruments.',
        }),
      },
      complexity: (args) => pageCost(args),
      resolve: async (_root, { filter, ...args }, { viewer, services: { instruments } }) => {
        const page = parsePage(args, { kind: 'text' });
        const wanted = given(filter ?? {});
        const { after, before, limit, isBackward } = page;
        const rows = await instruments.list(
          viewer,
          {
            where: {
              AND: [
                after ? { symbol: { gt: String(after.value) } } : {},
                before ? { symbol: { lt: String(before.value) } } : {},
              ],
            },
            take: isBackward ? -(limit + 1) : limit + 1,
          },
          wanted,
        );
        return toConnection(trimToPage(rows, page), page, {
          keyOf: ({ symbol, id }) => symbolKey(symbol, id),
          totalCount: () => instruments.count(viewer, wanted),
        });
      },
    },
    InstrumentConnection,
  ),
  instrument: t.prismaField({
    type: Instrument,
    nullable: true,
    description: 'The instrument with a symbol. Null when there is none.',
    args: { symbol: t.arg.string({ description: 'Its symbol, such as `ACME.SIM`.' }) },
    resolve: (query, _root, { symbol }, { viewer, services }) =>
      services.instruments.bySymbol(viewer, query, symbol),
  }),
  quotes: t.field({
    type: [Quote],
    description: 'The latest quotes of some symbols. Symbols that have none are left out.',
    args: {
      symbols: t.arg.stringList({
        description: `The symbols, at most ${SYMBOLS_MAX}.`,
        validate: z.array(z.string()).max(SYMBOLS_MAX),
      }),
    },
    complexity: ({ symbols }) => ({ field: 1, multiplier: Math.min(symbols.length, SYMBOLS_MAX) }),
    resolve: (_root, { symbols }, { services }) => services.quotes.bySymbols(symbols),
  }),
}));

builder.queryField('bars', (t) =>
  t.connection(
    {
      type: Bar,
      description:
        'The bars of an instrument, newest first, as they were known at a time. ' +
        `\`first\` and \`last\` go up to ${BARS_MAX}.`,
      args: {
        symbol: t.arg.string({ description: 'Of the instrument.' }),
        interval: t.arg({ type: BarIntervalEnum, description: 'The span that each bar covers.' }),
        from: t.arg({ type: 'DateTime', required: false, description: 'Opening then or later.' }),
        to: t.arg({ type: 'DateTime', required: false, description: 'Opening before.' }),
        asOf: t.arg({
          type: 'DateTime',
          required: false,
          description: 'What was known then. Now, when it is left out, and never later than now.',
        }),
      },
      complexity: (args) => pageCost(args, { max: BARS_MAX, entriesPerPoint: BARS_PER_POINT }),
      resolve: async (_root, args, { viewer, services: { bars, instruments } }) => {
        const { symbol, interval, from, to, asOf, ...rest } = args;
        const page = parsePage(rest, { max: BARS_MAX });
        const instrument = await instruments.bySymbol(viewer, {}, symbol);
        if (!instrument) throw new NotFound('Instrument');
        const { limit, isBackward: inverted, after, before } = page;
        const filter = { instrumentId: instrument.id, interval, ...given({ from, to, asOf }) };
        const read = await bars.list(viewer, {
          ...filter,
          limit: limit + 1,
          inverted,
          ...(after && { after: after.value as Date }),
          ...(before && { before: before.value as Date }),
        });
        const rows = inverted ? read.reverse() : read;
        return toConnection(trimToPage(rows, page), page, {
          keyOf: ({ openTime }) => ({ value: openTime, id: instrument.id }),
          totalCount: () => bars.count(viewer, filter),
        });
      },
    },
    BarConnection,
  ),
);

builder.objectField(Instrument, 'quote', (t) =>
  t.field({
    type: Quote,
    nullable: true,
    description: 'Its latest quote. Null when it has none.',
    resolve: ({ id }, _args, { services }) => services.quotes.latest(id) ?? null,
  }),
);
builder.objectField(Quote, 'instrument', (t) =>
  t.field({
    type: Instrument,
    nullable: true,
    description: 'What is quoted. Null for an instrument that is gone.',
    resolve: ({ instrumentId }, _args, { load }) => load.instrument(instrumentId),
  }),
);
