import { expect, test } from 'vitest';
import { siblingProgram } from './sibling-program.ts';

test('the bundle starts its siblings from the same folder', () => {
  expect(siblingProgram('file:///opt/m/dist/matriarch.js', 'guardian').pathname).toBe('/opt/m/dist/guardian.js');
});

test('development starts them from their sources', () => {
  expect(siblingProgram('file:///m/src/main/main.ts', 'heartbeat').pathname).toBe('/m/src/main/heartbeat-entry.ts');
});
