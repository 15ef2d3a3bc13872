import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Synchronous, pure code (docs: "events in, effects out"): time, chance and waiting come in with the event. */
const pureFolders = [
  'src/domain/**',
  'src/decide/**',
  'src/ports/**',
  'src/wire/**',
  'src/agent/**',
  'src/heartbeat/**',
  'src/guardian/**',
  'src/simulator/**',
];
const drivers = ['src/{agent,heartbeat,guardian}/driver.ts', 'src/{agent,heartbeat,guardian}/driver/**'];
/** Code that may read the clock directly: what talks to the world, and what starts it. */
const clockOwners = ['src/adapters/**', ...drivers, 'src/main/**'];
const tests = ['**/*.test.ts', 'test/**'];

const takeClock = 'take the instant from the event (`event.at`), or a `Clock`';
const takeTimer = 'a timer is an effect of the step, or take a `Clock`';
const takeRandom = 'draw from a named random stream in the state, or take a `Random`';

const bannedProperties = [
  { object: 'Date', property: 'now', message: `\`Date.now\` is banned here: ${takeClock}.` },
  { object: 'performance', property: 'now', message: `\`performance.now\` is banned here: ${takeClock}.` },
  { object: 'performance', property: 'timeOrigin', message: `\`performance\` is banned here: ${takeClock}.` },
  { object: 'process', property: 'hrtime', message: `\`process.hrtime\` is banned here: ${takeClock}.` },
  { object: 'process', property: 'uptime', message: `\`process.uptime\` is banned here: ${takeClock}.` },
  { object: 'AbortSignal', property: 'timeout', message: `\`AbortSignal.timeout\` is banned here: ${takeTimer}.` },
  { object: 'Math', property: 'random', message: `\`Math.random\` is banned here: ${takeRandom}.` },
  { object: 'crypto', property: 'randomUUID', message: `\`randomUUID\` is banned here: ${takeRandom}.` },
  { object: 'crypto', property: 'getRandomValues', message: `\`getRandomValues\` is banned here: ${takeRandom}.` },
];

const bannedGlobals = [
  ...['setTimeout', 'setInterval', 'setImmediate'].map((name) => ({
    name,
    message: `\`${name}\` is banned here: ${takeTimer}.`,
  })),
  { name: 'performance', message: `\`performance\` is banned here: ${takeClock}.` },
];

/** Whatever is global in Node and no part of the language: pure code is given it, or does without. */
const bannedInPureCode = [
  ...['queueMicrotask', 'fetch'].map((name) => ({
    name,
    message: `\`${name}\` is banned here: a machine is synchronous; what takes time is an effect.`,
  })),
  {
    name: 'process',
    message: '`process` is banned here: take what you need as an argument, read once in `main` or a driver.',
  },
  { name: 'console', message: '`console` is banned here: return the reason; the driver logs it.' },
  { name: 'crypto', message: `\`crypto\` is banned here: ${takeRandom}.` },
];

const bannedImports = [
  { name: 'node:timers', message: `Timers are banned here: ${takeTimer}.` },
  { name: 'node:timers/promises', message: `Timers are banned here: ${takeTimer}.` },
  { name: 'node:perf_hooks', message: `\`perf_hooks\` is banned here: ${takeClock}.` },
  {
    name: 'node:crypto',
    importNames: ['randomUUID', 'randomBytes', 'randomInt'],
    message: `Banned here: ${takeRandom}.`,
  },
  { name: 'node:process', importNames: ['hrtime', 'uptime'], message: `Banned here: ${takeClock}.` },
  { name: 'node:os', importNames: ['uptime'], message: `\`uptime\` is banned here: ${takeClock}.` },
];

const wallClockNow = {
  selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
  message: '`new Date()` without arguments reads the clock and is banned here: take a `Clock`.',
};
const wallClockText = {
  selector: 'CallExpression[callee.name="Date"]',
  message: '`Date()` reads the clock and is banned here: take a `Clock`.',
};
const noNamespace = {
  selector: 'TSModuleDeclaration[kind!="global"]',
  message: 'No namespaces: a file is the namespace.',
};
const noBarrel = {
  selector: 'ExportAllDeclaration',
  message: 'No barrel files: import from the file that holds the thing.',
};
const noPromise = [
  {
    selector: ':function[async=true]',
    message: 'A machine is synchronous from event to effects: promises live in adapters and drivers.',
  },
  {
    selector: 'NewExpression[callee.name="Promise"], MemberExpression[object.name="Promise"]',
    message: 'A machine is synchronous from event to effects: promises live in adapters and drivers.',
  },
];

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', 'node_modules/', '**/*.generated.*']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        // The `default` that proves there is no other case (assertNever) is wanted, and does not stand in for a case.
        {
          considerDefaultExhaustiveForUnions: false,
          allowDefaultCaseForExhaustiveSwitch: true,
          requireDefaultForNonUnion: true,
        },
      ],
      '@typescript-eslint/strict-boolean-expressions': [
        'error',
        { allowString: false, allowNumber: false, allowNullableObject: false },
      ],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      // `as const` stays allowed; anything else that silences the compiler belongs to a parser (below).
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/consistent-type-imports': ['error', { prefer: 'type-imports' }],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/require-array-sort-compare': ['error', { ignoreStringArrays: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      eqeqeq: ['error', 'always'],
      'no-var': 'error',
      'prefer-const': 'error',
      'no-restricted-syntax': ['error', noNamespace, noBarrel],
      'no-warning-comments': ['error', { terms: ['fixme', 'xxx'], location: 'start' }],
    },
  },
  {
    // Brands and parsers: the only places where text and foreign shapes become ours.
    files: ['src/domain/**/*.ts', 'src/wire/**/*.ts', ...tests],
    rules: {
      '@typescript-eslint/consistent-type-assertions': [
        'error',
        { assertionStyle: 'as', objectLiteralTypeAssertions: 'allow-as-parameter' },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: [...clockOwners, ...tests],
    rules: {
      'no-restricted-properties': ['error', ...bannedProperties],
      'no-restricted-globals': ['error', ...bannedGlobals],
      'no-restricted-imports': ['error', { paths: bannedImports }],
      'no-restricted-syntax': ['error', noNamespace, noBarrel, wallClockNow, wallClockText],
    },
  },
  {
    files: pureFolders.map((folder) => `${folder}/*.ts`),
    ignores: [...drivers, ...tests],
    rules: {
      'no-restricted-globals': ['error', ...bannedGlobals, ...bannedInPureCode],
      'no-restricted-syntax': ['error', noNamespace, noBarrel, wallClockNow, wallClockText, ...noPromise],
    },
  },
  {
    files: tests,
    rules: {
      // A test's own types are inferred and its subject is often a wrong value on purpose.
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'no-restricted-syntax': [
        'error',
        noNamespace,
        noBarrel,
        {
          selector:
            'CallExpression[callee.object.name=/^(it|test|describe)$/][callee.property.name=/^(only|skip|todo)$/]',
          message: 'No focused or skipped tests: say in the test what it needs, or take it out.',
        },
      ],
    },
  },
);
