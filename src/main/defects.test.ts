import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { EXIT_DEFECT } from './defects.ts';

test.each(["throw new Error('planted')", "await Promise.reject(new Error('planted'))"])(
  'an agent that ends by a defect (%s) has a status of its own',
  (defect) => {
    const module = new URL('./defects.ts', import.meta.url).href;
    const text = `import(${JSON.stringify(module)}).then(({ endOnDefects }) => { endOnDefects(); setImmediate(async () => { ${defect} }); })`;
    const { status, stderr } = spawnSync(process.execPath, ['-e', text], { encoding: 'utf8' });
    expect(status).toBe(EXIT_DEFECT);
    expect(stderr).toContain('planted');
  },
);
