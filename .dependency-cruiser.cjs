/**
 * The house as arrows. `TIERS` is the one place that says which service stands on which:
 * a service may import only services of earlier tiers, never a sibling of its own tier.
 */
const TIERS = [
  ['platform'],
  ['audit', 'files', 'notifications'],
  ['accounts', 'market'],
  ['webhooks'],
  ['portfolio'],
  ['trading'],
  ['performance', 'signals', 'payments'],
  ['challenges'],
  ['agents'],
  ['tasks', 'deployments'],
  ['administration', 'jobs'],
];

const anyOf = (names) => `^src/services/(${names.join('|')})/`;
const TYPE_ONLY = ['type-only'];
const GENERATED = '^src/services/platform/(prisma/|pothos-types\\.ts)';
const ENTRY_POINTS = '^src/(server|worker|cli|print-schema)\\.ts$';
const ERRORS_AND_ENUMS = [
  '[/-]errors\\.ts$',
  // Value types that scalars are made of: a Decimal or a cursor of their own would be another one.
  '^src/services/platform/(prisma/enums|pothos-types|money|event-log/cursor)\\.ts$',
];
const LIBRARIES_OF_STORAGE = 'node_modules/(@prisma|pg|ioredis|pg-boss|ccxt|@alpacahq)/';
const LIBRARIES_OF_GRAPHQL = 'node_modules/(graphql|@pothos|graphql-yoga|graphql-ws|graphql-sse)/';

const tierRules = TIERS.map((tier, index) => ({
  name: `services-stand-on-earlier-tiers-${tier.join('-')}`,
  comment: 'A service imports only services of earlier tiers; news travels upward as events.',
  severity: 'error',
  from: { path: anyOf(tier) },
  to: { path: anyOf(TIERS.slice(index).flat()), pathNot: '^src/services/$1/' },
}));

module.exports = {
  forbidden: [
    ...tierRules,
    {
      name: 'every-service-has-a-tier',
      comment: 'Give a new folder of src/services/ its place in TIERS.',
      severity: 'error',
      from: { path: '^src/services/', pathNot: anyOf(TIERS.flat()) },
      to: {},
    },
    {
      name: 'no-circular',
      comment: 'Only a type-only cycle is allowed, where Pothos forces one.',
      severity: 'error',
      from: { pathNot: GENERATED },
      to: { circular: true, viaOnly: { dependencyTypesNot: TYPE_ONLY } },
    },
    {
      name: 'schema-knows-no-resolvers',
      severity: 'error',
      from: { path: '^src/schema/' },
      to: { path: '^src/resolvers/' },
    },
    {
      name: 'schema-takes-only-errors-enums-and-types-from-services',
      severity: 'error',
      from: { path: '^src/schema/' },
      to: {
        path: '^src/services/',
        pathNot: ERRORS_AND_ENUMS,
        dependencyTypesNot: TYPE_ONLY,
      },
    },
    {
      name: 'resolvers-get-services-from-context',
      severity: 'error',
      from: { path: '^src/resolvers/' },
      to: { path: '^src/services/', pathNot: '[/-]errors\\.ts$', dependencyTypesNot: TYPE_ONLY },
    },
    {
      name: 'schema-and-resolvers-know-no-storage',
      severity: 'error',
      from: { path: '^src/(schema|resolvers)/' },
      to: { path: LIBRARIES_OF_STORAGE },
    },
    {
      name: 'services-know-no-graphql',
      severity: 'error',
      from: { path: '^src/services/', pathNot: GENERATED },
      to: { path: ['^src/(schema|resolvers)/', LIBRARIES_OF_GRAPHQL] },
    },
    {
      name: 'engine-is-pure',
      comment: 'An engine decides from what it is given: no database, no clock, no network.',
      severity: 'error',
      from: { path: '^src/services/[^/]+/engine/' },
      to: {
        pathNot: [
          '^src/services/[^/]+/engine/',
          '^src/services/platform/(money|errors|prisma/enums)\\.ts$',
          'node_modules/decimal\\.js/',
        ],
        dependencyTypesNot: TYPE_ONLY,
      },
    },
    {
      name: 'nothing-imports-the-roots',
      severity: 'error',
      from: { path: '^src/(schema|resolvers|services)/' },
      to: { path: ['^src/app\\.ts$', ENTRY_POINTS, '^src/cli/'] },
    },
    {
      name: 'entry-points-do-not-import-each-other',
      severity: 'error',
      from: { path: ENTRY_POINTS },
      to: { path: ENTRY_POINTS },
    },
    {
      name: 'no-orphans',
      comment: 'A module that imports nothing and that nothing imports is dead.',
      severity: 'error',
      from: {
        orphan: true,
        path: '^src/',
        pathNot: ['\\.d\\.ts$', GENERATED, ENTRY_POINTS],
      },
      to: {},
    },
    {
      name: 'program-knows-no-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(tests|bench|clients|bin)/' },
    },
    {
      name: 'program-needs-no-development-package',
      comment: 'What src/ imports at run time belongs to "dependencies" of package.json.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: TYPE_ONLY },
    },
    {
      name: 'everything-resolves',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^tests/support/gql/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
