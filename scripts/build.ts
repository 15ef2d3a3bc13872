/** Bundles the programs of the product into dist/ (docs/adr/0005-bundle.md). */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build as bundle, type Plugin } from 'esbuild';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

/** The heartbeat is a thread and the guardian a process of its own; apart, they load only what they need. */
const programs = {
  matriarch: 'src/main/main.ts',
  // What quick.ts loads when it must.
  'etcd-store': 'src/adapters/etcd/create-etcd-store.ts',
  heartbeat: 'src/main/heartbeat-entry.ts',
  guardian: 'src/main/guardian-entry.ts',
};

await mkdir(dist, { recursive: true });
const present = Object.entries(programs).filter(([, source]) => existsSync(join(root, source)));
const { outputFiles } = await bundle({
  absWorkingDir: root,
  entryPoints: Object.fromEntries(present),
  outdir: dist,
  // What is imported with `import()` loads when it is asked for: `matriarch list` never reads the REST server.
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  // Packages written as CommonJS call `require` for what Node has built in.
  banner: {
    js: "import { createRequire as matriarchRequire } from 'node:module'; const require = matriarchRequire(import.meta.url);",
  },
  // An optional native addition to pg, which we do not ship.
  external: ['pg-native'],
  alias: {
    // As a module, it would load everything that it only mentions: a WebSocket client and its 5 MB.
    'node:http': './scripts/http-alone.cjs',
    '@grpc/proto-loader': './scripts/no-proto-loader.ts',
  },
  loader: { '.proto': 'text' },
  // Identifiers stay: a stack trace in a log must name our functions.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'linked',
  write: false,
  logLevel: 'warning',
});

/** The same as one CommonJS file: nothing to resolve, no module loader to start, and what it may need is beside it. */
const quick = await bundle({
  absWorkingDir: root,
  entryPoints: { quick: 'src/main/quick.ts' },
  outdir: dist,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node24',
  alias: { 'node:child_process': './scripts/lazy-child-process.cjs' },
  plugins: [beside({ 'main/main.ts': './matriarch.js', 'adapters/etcd/create-etcd-store.ts': './etcd-store.js' })],
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'linked',
  write: false,
  logLevel: 'warning',
});

const wanted = new Map([...outputFiles, ...quick.outputFiles].map((file) => [file.path, file.contents]));
// Copied elsewhere with a Node beside it, dist/ must run by itself: this says how its files are to be read.
wanted.set(join(dist, 'package.json'), new TextEncoder().encode('{ "type": "module" }\n'));
for (const [path, contents] of wanted) {
  await mkdir(dirname(path), { recursive: true });
  // By rename: a program that starts meanwhile reads the old file or the new one, never half of one.
  await writeFile(`${path}.new`, contents);
  await rename(`${path}.new`, path);
}
for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (entry.isFile() && !wanted.has(path)) await rm(path);
}

/** What an `import()` of a source, named by how its path ends, loads in place of it. */
function beside(files: Readonly<Record<string, string>>): Plugin {
  return {
    name: 'beside',
    setup(build) {
      build.onResolve({ filter: /\.ts$/ }, ({ kind, path, resolveDir }) => {
        const source = join(resolveDir, path);
        const found = Object.entries(files).find(([end]) => source.endsWith(`/src/${end}`));
        return kind === 'dynamic-import' && found !== undefined ? { path: found[1], external: true } : null;
      });
    },
  };
}
