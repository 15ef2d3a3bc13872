import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { productVersion } from './version.ts';

test('the version in the code is the version of the package', () => {
  expect(productVersion).toBe(manifest.version);
});
