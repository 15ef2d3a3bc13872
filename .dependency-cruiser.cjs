/**
 * The table of folders (docs/architecture.md): who may import whom. Each rule forbids everything in `src/` but its row;
 * type-only imports count, tests do not.
 */
const tests = '\\.test\\.ts$';
const drivers = '^src/(agent|heartbeat|guardian)/(driver\\.ts$|driver/)';
const machines = '^src/(agent|heartbeat|guardian)/';

const folders = [
  'domain',
  'decide',
  'ports',
  'wire',
  'agent',
  'heartbeat',
  'guardian',
  'adapters',
  'simulator',
  'api',
  'cli',
  'router',
  'terminal',
  'playground',
  'stack',
  'console',
  'main',
];

/** One row: files under `from` may reach, inside this project, only `to` (and their own folder). */
function row({ name, from, fromNot = [], to, comment }) {
  return {
    name,
    comment,
    severity: 'error',
    from: { path: from, pathNot: [tests, ...fromNot] },
    to: { path: '^(src|test|scripts)/', pathNot: to },
  };
}

/** Files under `from` may use no package and nothing of Node. */
function bare({ name, from, fromNot = [], comment }) {
  return {
    name,
    comment,
    severity: 'error',
    from: { path: from, pathNot: [tests, ...fromNot] },
    to: { pathNot: '^(src|test|scripts)/' },
  };
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    row({
      name: 'domain-imports-nothing',
      comment: 'The nouns are pure: nothing to import but other nouns.',
      from: '^src/domain/',
      to: ['^src/domain/'],
    }),
    row({
      name: 'decide-imports-domain',
      comment: 'A rule sees the observation and the memory, both domain values.',
      from: '^src/decide/',
      to: ['^src/(domain|decide)/'],
    }),
    row({
      name: 'ports-import-domain',
      comment: 'A port is an interface in domain words.',
      from: '^src/ports/',
      to: ['^src/(domain|ports)/'],
    }),
    row({
      name: 'wire-imports-domain',
      comment: 'Wire turns text into domain values and back; what is decided from them is not its concern.',
      from: '^src/wire/',
      to: ['^src/(domain|wire)/'],
    }),
    row({
      name: 'machines-import-the-core',
      comment: 'agent, heartbeat and guardian speak to each other in events and effects (src/ports), not by import.',
      from: machines,
      to: ['^src/(domain|decide|ports)/', '^src/$1/'],
    }),
    {
      name: 'machine-never-its-driver',
      comment: 'The simulator runs the machine without the driver: what the machine needs from it arrives as an event.',
      severity: 'error',
      from: { path: machines, pathNot: [drivers, tests] },
      to: { path: drivers },
    },
    row({
      name: 'adapters-never-each-other',
      comment: 'Behaviour shared by adapters belongs further in (a port, wire, or the machine).',
      from: '^src/adapters/([^/]+)/',
      to: ['^src/(domain|ports|wire)/', '^src/adapters/$1/'],
    }),
    {
      name: 'adapters-are-folders',
      comment: 'One folder per outside thing; nothing lies loose in src/adapters.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/adapters/[^/]+\\.ts$' },
    },
    row({
      name: 'simulator-without-the-real-world',
      comment: 'The simulator drives the same machines; never an adapter.',
      from: '^src/simulator/',
      to: ['^src/(domain|decide|ports|wire|agent|heartbeat|guardian|simulator)/'],
    }),
    {
      name: 'simulator-never-a-driver',
      comment: 'Drivers are asynchronous; a simulated world has its own heap of events.',
      severity: 'error',
      from: { path: '^src/simulator/' },
      to: { path: drivers },
    },
    row({
      name: 'faces-import-ports-and-wire',
      comment: 'What a face shows arrives through a port or as a wire value; decisions are made elsewhere.',
      from: '^src/(api|router|stack|console)/',
      to: ['^src/(domain|ports|wire)/', '^src/$1/'],
    }),
    row({
      name: 'faces-in-a-terminal',
      comment: 'As the other faces; what both show in a terminal they share.',
      from: '^src/(cli|playground)/',
      to: ['^src/(domain|ports|wire|terminal)/', '^src/$1/'],
    }),
    row({
      name: 'terminal-knows-no-face',
      comment: 'Lines, tables and the screen: whoever shows something brings it.',
      from: '^src/terminal/',
      to: ['^src/(domain|terminal)/'],
    }),
    {
      name: 'only-known-folders',
      comment: 'A new folder in src/ needs its row in the table first.',
      severity: 'error',
      from: {},
      to: { path: '^src/', pathNot: `^src/(${folders.join('|')})/` },
    },
    bare({
      name: 'domain-and-decide-are-bare',
      comment: 'No package and no node: module in the core; see docs/adr/0006-runtime-dependencies.md.',
      from: '^src/(domain|decide)/',
    }),
    bare({
      name: 'ports-are-bare',
      comment: 'A port names no technology.',
      from: '^src/ports/',
    }),
    bare({
      name: 'machines-are-bare',
      comment: 'A machine is synchronous and pure: files, processes and sockets are effects, carried out by adapters.',
      from: machines,
      fromNot: [drivers],
    }),
    bare({
      name: 'simulator-is-bare',
      comment: 'A run must depend on its seed alone.',
      from: '^src/simulator/',
    }),
    {
      name: 'wire-parses-only',
      comment: 'Wire uses parsers (yaml, zod) and nothing that talks.',
      severity: 'error',
      from: { path: '^src/wire/', pathNot: tests },
      to: { pathNot: ['^(src|test|scripts)/', '^node_modules/(yaml|zod)/'] },
    },
    {
      name: 'product-never-its-tests',
      comment: 'Shipped code imports no test, no test support and no script.',
      severity: 'error',
      from: { path: '^src/', pathNot: tests },
      to: { path: ['^(test|scripts)/', tests] },
    },
    {
      name: 'product-uses-runtime-packages',
      comment: 'Declared as a dependency, not as a development tool.',
      severity: 'error',
      from: { path: '^src/', pathNot: tests },
      to: {
        dependencyTypes: ['npm-dev', 'npm-optional', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or need a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'Every import leads somewhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    builtInModules: { add: ['node:sqlite', 'node:test', 'node:sea'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['node', 'import', 'types', 'default'],
      extensions: ['.ts', '.js', '.json', '.d.ts'],
    },
  },
};
