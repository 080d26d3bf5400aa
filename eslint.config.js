import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { fileNameRule } from './bin/check/file-name-rule.mjs';

/** What the domain is given (clock, ids, seeded random, config) and therefore never reaches for. */
const GLOBAL_TIME = [
  {
    selector:
      ":matches(MemberExpression[object.name='Date'], MemberExpression[object.property.name='Date'])[property.name='now']",
    message: 'Take the time from the injected clock: a test or a replay sets it.',
  },
  {
    selector:
      ":matches(NewExpression[callee.name='Date'], NewExpression[callee.property.name='Date'])[arguments.length=0]",
    message: 'Take the time from the injected clock: a test or a replay sets it.',
  },
  {
    selector: "CallExpression[callee.name='Date']",
    message: 'Take the time from the injected clock: a test or a replay sets it.',
  },
];
const GLOBAL_RANDOM = [
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'Take chance from the injected, seeded generator.',
  },
];
const GLOBAL_IDS = [
  {
    selector:
      ":matches(MemberExpression[property.name='randomUUID'], ImportSpecifier[imported.name='randomUUID'])",
    message: 'Take ids from the injected source: UUIDv7 of the injected clock.',
  },
  {
    selector: "ImportDeclaration[source.value='uuid']",
    message: 'Take ids from the injected source: UUIDv7 of the injected clock.',
  },
];
const ENVIRONMENT = [
  {
    selector: "MemberExpression[object.name='process'][property.name='env']",
    message:
      'Read settings from the parsed config: only services/platform/config sees process.env.',
  },
  {
    selector: "VariableDeclarator[init.name='process'] > ObjectPattern > Property[key.name='env']",
    message:
      'Read settings from the parsed config: only services/platform/config sees process.env.',
  },
  {
    selector:
      "ImportDeclaration[source.value=/^(node:)?process$/] > ImportSpecifier[imported.name='env']",
    message:
      'Read settings from the parsed config: only services/platform/config sees process.env.',
  },
];
const PLATFORM = 'src/services/platform';
const forbid = (...groups) => ({ 'no-restricted-syntax': ['error', ...groups.flat()] });

const NODE_GLOBALS = [
  'AbortController',
  'AbortSignal',
  'Buffer',
  'URL',
  'clearInterval',
  'clearTimeout',
  'console',
  'fetch',
  'performance',
  'process',
  'setInterval',
  'setTimeout',
];

export default defineConfig(
  globalIgnores([
    'dist/',
    'coverage/',
    '.data/',
    `${PLATFORM}/prisma/`,
    `${PLATFORM}/pothos-types.ts`,
    'tests/support/gql/',
  ]),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },

  js.configs.recommended,
  {
    plugins: { house: { rules: { 'file-name': fileNameRule } } },
    rules: {
      'house/file-name': 'error',
      eqeqeq: 'error',
      'max-lines': ['error', { max: 300 }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      'no-else-return': 'error',
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },

  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      '@typescript-eslint/no-floating-promises': ['error', { checkThenables: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      // An async function may stand behind a port whose other implementations wait for something.
      '@typescript-eslint/require-await': 'off',
      // A row's Decimal is Prisma's class, the domain's is decimal.js: two classes of one shape, and
      // rows are filled from the domain as well as read by it.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    },
  },

  { files: ['src/**'], rules: forbid(GLOBAL_TIME, GLOBAL_RANDOM, GLOBAL_IDS, ENVIRONMENT) },
  {
    files: [`${PLATFORM}/clock.ts`],
    rules: forbid(GLOBAL_RANDOM, GLOBAL_IDS, ENVIRONMENT),
  },
  {
    files: [`${PLATFORM}/ids.ts`, `${PLATFORM}/random.ts`],
    rules: forbid(GLOBAL_TIME, ENVIRONMENT),
  },
  {
    files: [`${PLATFORM}/config.ts`, `${PLATFORM}/config/**`],
    rules: forbid(GLOBAL_TIME, GLOBAL_RANDOM, GLOBAL_IDS),
  },
  {
    // What an operator or a build calls speaks to a terminal.
    files: ['src/cli.ts', 'src/cli/**', 'src/print-schema.ts', 'bin/**', 'bench/**', 'clients/**'],
    rules: { 'no-console': 'off' },
  },

  {
    files: ['tests/**/*.ts'],
    rules: {
      // Taking a port's method apart from its port fails in the test that does it, at once.
      '@typescript-eslint/unbound-method': 'off',
      // The body of a `describe` is a chapter, not a function.
      'max-lines-per-function': 'off',
      ...forbid([
        {
          selector:
            'MemberExpression[object.name=/^(describe|it|test)$/][property.name=/^(only|skip|todo)$/]',
          message: 'Every test runs: a test that is left out proves nothing and nobody sees it.',
        },
      ]),
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: Object.fromEntries(NODE_GLOBALS.map((name) => [name, 'readonly'])),
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { module: 'writable', require: 'readonly' },
    },
  },
);
