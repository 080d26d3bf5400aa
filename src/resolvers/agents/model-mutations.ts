import { builder } from '../../schema/builder.ts';
import { CreateModelInput, UpdateModelInput } from '../../schema/agents/model-inputs.ts';
import { Model } from '../../schema/agents/model.ts';
import { IDEMPOTENCY_KEY, keyText } from '../../schema/inputs.ts';
import { ModelImported, ModelStateConflict } from '../../services/agents/errors.ts';
import { IdempotencyConflict } from '../../services/platform/errors.ts';
import { given } from '../given.ts';

const result = (done: string) => ({
  result: { description: done },
  union: { description: `${done} Or why it was not.` },
  dataField: { name: 'model', description: 'The model as it is now.' },
});

builder.mutationFields((t) => ({
  createModel: t.field({
    type: Model,
    description: 'Makes an idle model with a paper account that holds its starting cash.',
    errors: { types: [IdempotencyConflict], ...result('The model was made.') },
    args: { input: t.arg({ type: CreateModelInput, description: 'What the model is like.' }) },
    resolve: (_root, { input }, { viewer, services }) => services.models.create(viewer, input),
  }),
  updateModel: t.field({
    type: Model,
    description:
      'Changes settings of a model. Its universe, interval and prompt change only while it does ' +
      'not run.',
    errors: {
      types: [ModelStateConflict, ModelImported, IdempotencyConflict],
      ...result('The settings were changed.'),
    },
    args: { input: t.arg({ type: UpdateModelInput, description: 'What changes.' }) },
    resolve: (_root, { input: { id, ...settings } }, { viewer, services }) =>
      services.models.update(viewer, { ...given(settings), id: id.id }),
  }),
}));

builder.mutationFields((t) => {
  const idempotencyKey = () => t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText });
  const id = () => t.input.globalID({ for: Model, description: 'Id of the model.' });
  return {
    startModel: t.fieldWithInput({
      type: Model,
      description: 'Starts a model: from now on it runs at its interval.',
      errors: {
        types: [ModelStateConflict, ModelImported, IdempotencyConflict],
        ...result('The model runs.'),
      },
      typeOptions: { description: 'Which model starts.' },
      argOptions: { description: 'Which model starts.' },
      input: { id: id(), idempotencyKey: idempotencyKey() },
      resolve: (_root, { input }, { viewer, services }) =>
        services.models.start(viewer, { ...input, id: input.id.id }),
    }),
    stopModel: t.fieldWithInput({
      type: Model,
      description: 'Stops a model: it decides and orders nothing more.',
      errors: {
        types: [ModelStateConflict, IdempotencyConflict],
        ...result('The model was stopped.'),
      },
      typeOptions: { description: 'Which model stops.' },
      argOptions: { description: 'Which model stops.' },
      input: { id: id(), idempotencyKey: idempotencyKey() },
      resolve: (_root, { input }, { viewer, services }) =>
        services.models.stop(viewer, { ...input, id: input.id.id }),
    }),
  };
});
