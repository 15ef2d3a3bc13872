import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const Package = z.object({
  version: z.string().optional(),
  integrity: z.string().optional(),
  license: z.string().optional(),
  dev: z.boolean().default(false),
  optional: z.boolean().default(false),
});

export type LockedPackage = z.infer<typeof Package>;

/** What package-lock.json installs: folder, as `node_modules/NAME`, to what it says of it. */
export function lockedPackages(root: string): ReadonlyMap<string, LockedPackage> {
  const lock: unknown = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return new Map(Object.entries(z.object({ packages: z.record(z.string(), Package) }).parse(lock).packages));
}
