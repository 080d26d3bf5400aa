import { ModelImported, ModelStateConflict } from '../../services/agents/errors.ts';
import { builder } from '../builder.ts';
import { ErrorInterface } from '../errors.ts';
import { ModelStatusEnum } from './model.ts';

builder.objectType(ModelStateConflict, {
  name: 'ModelStateConflictError',
  description: 'The state of the model does not allow it, such as stopping one that does not run.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    status: t.expose('status', { type: ModelStatusEnum, description: 'Where it stands.' }),
  }),
});

builder.objectType(ModelImported, {
  name: 'ModelImportedError',
  description: 'The model shows what was recorded elsewhere: it cannot run or be changed.',
  interfaces: [ErrorInterface],
});
