import { builder } from '../builder.ts';
import { IDEMPOTENCY_KEY, keyText } from '../inputs.ts';
import { Model, VisibilityEnum } from './model.ts';

export const CreateModelInput = builder.inputType('CreateModelInput', {
  description:
    'What the model is like. Example: `{ name: "Momentum", universe: ["ACME.SIM"], ' +
    'startingCash: "10000", intervalSeconds: 60, idempotencyKey: "…" }`.',
  fields: (t) => ({
    name: t.string({ description: '1 to 100 characters.' }),
    universe: t.stringList({
      description: 'Symbols that it may trade, 1 to 50, all in one currency.',
    }),
    startingCash: t.field({
      type: 'Decimal',
      description: 'Cash of its account, from 100 to 10,000,000.',
    }),
    intervalSeconds: t.int({
      description: 'Time from the beginning of a run to that of the next: 5 to 86,400.',
    }),
    prompt: t.string({
      defaultValue: '',
      description: 'What it is told before each run, at most 20,000 characters. Kept secret.',
    }),
    visibility: t.field({
      type: VisibilityEnum,
      defaultValue: 'PRIVATE',
      description: 'Who may see the model.',
    }),
    logVisibility: t.field({
      type: VisibilityEnum,
      defaultValue: 'PRIVATE',
      description: 'Who may read its log. PUBLIC has an effect only on a public model.',
    }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
  }),
});

export const UpdateModelInput = builder.inputType('UpdateModelInput', {
  description: 'What changes. What is left out stays as it is.',
  fields: (t) => ({
    id: t.globalID({ for: Model, description: 'Id of the model.' }),
    name: t.string({ required: false, description: '1 to 100 characters.' }),
    universe: t.stringList({
      required: false,
      description: 'Symbols that it may trade, 1 to 50, all in the currency of its account.',
    }),
    intervalSeconds: t.int({
      required: false,
      description: 'Time from the beginning of a run to that of the next: 5 to 86,400.',
    }),
    prompt: t.string({
      required: false,
      description: 'What it is told before each run, at most 20,000 characters.',
    }),
    visibility: t.field({
      type: VisibilityEnum,
      required: false,
      description: 'Who may see the model.',
    }),
    logVisibility: t.field({
      type: VisibilityEnum,
      required: false,
      description: 'Who may read its log.',
    }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
  }),
});
