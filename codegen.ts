import type { CodegenConfig } from '@graphql-codegen/cli';

/**
 * The SDL in, typed documents out, for the tests and the clients: `graphql('query { … }')` gives a
 * typed document, and persisted-documents.json the hash of each for a server that accepts only
 * documents it knows. Scalars travel as JSON, so that an id, a decimal and a time are all strings.
 * Copy this file into a frontend, change the three paths, and it works there.
 */
const config: CodegenConfig = {
  schema: 'src/schema/schema.graphql',
  documents: ['tests/**/*.ts', 'clients/**/*.{ts,tsx}', '!tests/support/gql/**'],
  ignoreNoDocuments: true,
  importExtension: '.ts',
  generates: {
    'tests/support/gql/': {
      preset: 'client',
      presetConfig: { persistedDocuments: true, fragmentMasking: false },
      config: {
        strictScalars: true,
        useTypeImports: true,
        enumType: 'string-literal',
        scalars: {
          ID: 'string',
          Cursor: 'string',
          Date: 'string',
          DateTime: 'string',
          Decimal: 'string',
          UUID: 'string',
          JSON: 'unknown',
        },
      },
    },
  },
};

export default config;
