import { defineConfig } from 'vitest/config';

/**
 * Levels that want the machine for themselves: the suffix names the level (docs: "Tests"). All but `drawn` have real
 * servers and share ports, memory and two cores. `since17` needs that PostgreSQL: `roots` starts it where there is one.
 */
const slowLevels = ['drawn', 'contract', 'pg', 'since17', 'e2e', 'mixed', 'roots'] as const;

/** Servers of their own on free ports, waited for more than computed with: two files go on at a time. */
const pairedLevels = new Set<string>(['contract', 'pg']);

const folders = '{src,test,scripts}/**';
const minutes = 60_000;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'fast',
          include: [`${folders}/*.test.ts`],
          exclude: slowLevels.map((level) => `${folders}/*.${level}.test.ts`),
          // Nothing here has module-level state, so files may share a thread: most of a small file's time is its imports.
          pool: 'threads',
          isolate: false,
          // A second on a quiet machine may be ten on a busy one.
          testTimeout: 1 * minutes,
          sequence: { groupOrder: 0 },
        },
      },
      ...slowLevels.map((level, index) => ({
        test: {
          name: level,
          include: [`${folders}/*.${level}.test.ts`],
          pool: 'forks' as const,
          ...(pairedLevels.has(level) ? { maxWorkers: 2 } : { fileParallelism: false }),
          testTimeout: 2 * minutes,
          hookTimeout: 2 * minutes,
          sequence: { groupOrder: index + 1 },
        },
      })),
    ],
  },
});
