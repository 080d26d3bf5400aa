import type { AiProviderEntry } from '../../services/accounts/ai-providers.ts';
import { builder } from '../builder.ts';

export const AiProvider = builder.objectRef<AiProviderEntry>('AiProvider').implement({
  description: 'A provider of language models, as it is set for everyone.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique, such as `openai`.' }),
    isEnabled: t.exposeBoolean('isEnabled', { description: 'Whether models may be run there.' }),
    baseUrl: t.exposeString('baseUrl', {
      nullable: true,
      description: 'Where it answers. Null for its own address.',
    }),
    models: t.exposeStringList('models', {
      description: 'Its models that may be run, as the provider names them. Empty for all.',
    }),
    keyFingerprint: t.exposeString('fingerprint', {
      nullable: true,
      description:
        'Twelve hexadecimal digits that are the same for the same key. The key itself is never shown. ' +
        'Null when there is none.',
    }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was set last.' }),
  }),
});

/** The entry to what is set for everyone. It has no state. */
export const SettingsRef = builder.objectRef<Readonly<Record<string, never>>>('Settings');
SettingsRef.implement({ description: 'What administrators set for everyone.' });

export const AiProviderSettingsInput = builder.inputType('AiProviderSettings', {
  description: 'A provider of language models. What is left out stays as it is.',
  fields: (t) => ({
    name: t.string({
      description:
        'Which one: small letters, digits, dots and hyphens, such as `openai`. A new one is set up.',
    }),
    isEnabled: t.boolean({
      required: false,
      description: 'Whether models may be run there. A new one is off unless this says otherwise.',
    }),
    baseUrl: t.string({
      required: false,
      description:
        'Where it answers, such as `https://api.openai.com/v1`; https, and a public name. Null for its ' +
        'own address. Another address needs the key anew, and your second factor.',
    }),
    models: t.stringList({
      required: false,
      description: 'Its models that may be run, as the provider names them, at most 200.',
    }),
    apiKey: t.string({
      required: false,
      description:
        'The key, which needs your second factor. Null takes the one away that is there.',
    }),
  }),
});
