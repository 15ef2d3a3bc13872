import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { type Edit, type PlantedBug, planted } from './bug.ts';

const root = join(import.meta.dirname, '../..');

/**
 * Bundle the program that hunts (`hunter.ts`), and with it the simulator and the machines, with a bug in the sources;
 * `null`: as they are. Nothing in the tree is touched.
 * @returns the bundle's path in `folder`.
 * @throws When an edit does not fit, or changes a file that the simulator does not run.
 */
export async function bundleMutant(bug: PlantedBug | null, folder: string): Promise<string> {
  const bundle = join(folder, `${bug?.name ?? 'unchanged'}.mjs`);
  const unused = new Set(bug?.edits.map((each) => each.file));
  await build({
    absWorkingDir: root,
    entryPoints: ['test/planted/hunter.ts'],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    logLevel: 'silent',
    plugins: bug === null ? [] : [plant(bug.edits, unused)],
  });
  if (unused.size > 0) throw new Error(`the simulator does not run ${[...unused].join(', ')}`);
  return bundle;
}

function plant(edits: readonly Edit[], unused: Set<string>): Plugin {
  const files = [...new Set(edits.map((each) => each.file))];
  return {
    name: 'plant',
    setup: ({ onLoad }) => {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const file = files.find((each) => path === join(root, each));
        if (file === undefined) return undefined;
        unused.delete(file);
        const mine = edits.filter((each) => each.file === file);
        return { contents: planted(readFileSync(path, 'utf8'), mine), loader: 'ts' };
      });
    },
  };
}
