import { builder } from '../../schema/builder.ts';
import { pageCost } from '../../schema/connections.ts';
import { IDEMPOTENCY_KEY, keyText } from '../../schema/inputs.ts';
import { Instrument } from '../../schema/market/instrument.ts';
import {
  CorporateAction,
  CorporateActionConnection,
  CorporateActionKindEnum,
} from '../../schema/portfolio/corporate-action.ts';
import { IdempotencyConflict, InvalidInput } from '../../services/platform/errors.ts';
import type { ActionTerms } from '../../services/portfolio/corporate-actions.ts';
import { AnnouncementTooLate } from '../../services/portfolio/errors.ts';
import { given } from '../given.ts';
import { listedPage } from '../pages.ts';
import { presentSoon } from '../present.ts';

builder.objectField(CorporateAction, 'instrument', (t) =>
  t.field({
    type: Instrument,
    description: 'What is split, or what pays.',
    resolve: ({ instrumentId }, _args, { load }) => presentSoon(load.instrument(instrumentId)),
  }),
);

builder.queryField('corporateActions', (t) =>
  t.connection(
    {
      type: CorporateAction,
      description: 'Splits and dividends that were announced, the latest effective first.',
      args: { symbol: t.arg.string({ required: false, description: 'Only of this instrument.' }) },
      complexity: (args) => pageCost(args),
      resolve: (_root, { symbol, ...page }, { viewer, services: { corporateActions } }) => {
        const wanted = given({ symbol });
        return listedPage(page, {
          timeField: 'effectiveAt',
          list: (selection) => corporateActions.list(viewer, selection, wanted),
          count: () => corporateActions.count(viewer, wanted),
        });
      },
    },
    CorporateActionConnection,
  ),
);

type Given = Pick<ActionTerms, 'kind'> & {
  [Field in 'ratioFrom' | 'ratioTo' | 'amount']?:
    (Extract<ActionTerms, { kind: 'DIVIDEND' }>['amount'] | null) | undefined;
};

/** A split has its ratio, a dividend its amount, and neither what is the other's. */
function termsOf({ kind, ratioFrom, ratioTo, amount }: Given): ActionTerms {
  if (kind === 'SPLIT' && ratioFrom && ratioTo && !amount) return { kind, ratioFrom, ratioTo };
  if (kind === 'DIVIDEND' && amount && !ratioFrom && !ratioTo) return { kind, amount };
  throw new InvalidInput(
    'kind',
    'A split has `ratioFrom` and `ratioTo`, a dividend `amount`, and neither has what is not its own.',
  );
}

builder.mutationField('announceCorporateAction', (t) =>
  t.fieldWithInput({
    type: CorporateAction,
    description:
      'For administrators: announces a split or a dividend. At its time each account on paper or traded ' +
      'elsewhere that held the instrument just before has its part, once. A split multiplies what is held ' +
      'at the same cost, exchanges what no lot can hold for cash, and cancels orders that wait.',
    errors: {
      types: [AnnouncementTooLate, IdempotencyConflict],
      result: { description: 'It is announced.' },
      union: { description: 'It is announced, or why it was not.' },
      dataField: { name: 'corporateAction', description: 'What was announced.' },
    },
    typeOptions: {
      description:
        'What happens when. Example: `{ symbol: "ACME.SIM", kind: SPLIT, ratioFrom: "1", ratioTo: "2", … }` ' +
        'makes two of each one.',
    },
    argOptions: { description: 'What happens when.' },
    input: {
      symbol: t.input.string({ description: 'What is split, or what pays.' }),
      kind: t.input.field({ type: CorporateActionKindEnum, description: 'Split or dividend.' }),
      ratioFrom: t.input.field({
        type: 'Decimal',
        required: false,
        description: 'Old ones of a split, up to 10,000.',
      }),
      ratioTo: t.input.field({
        type: 'Decimal',
        required: false,
        description:
          'New ones for them, up to 10,000; at most 10,000 for one, or one for 10,000, and not as many as before.',
      }),
      amount: t.input.field({
        type: 'Decimal',
        required: false,
        description:
          "Of a dividend, for each one, in the instrument's currency: above 0, and at most the last price where " +
          'one is known, or 1,000,000,000.',
      }),
      effectiveAt: t.input.field({
        type: 'DateTime',
        description: 'When it counts: in the future, within a year.',
      }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input }, { viewer, services }) => {
      const { symbol, effectiveAt, idempotencyKey, ...terms } = input;
      return services.corporateActions.announce(viewer, {
        ...{ symbol, effectiveAt, idempotencyKey, terms: termsOf(terms) },
      });
    },
  }),
);
