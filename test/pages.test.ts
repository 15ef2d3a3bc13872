/** The pages that strangers read first: what they link to is there, and their configuration is one. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { loadAgentConfig } from '../src/wire/config/load.ts';

const root = join(import.meta.dirname, '..');
const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: root })];

test.each(pages)('%s links to pages and headings that are there', (page) => {
  const text = readFileSync(join(root, page), 'utf8').replaceAll(/```[^]*?```/g, '');
  const links = [...text.matchAll(/\]\((?!https?:)(?<to>[^)\s]+)\)/g)].map(({ groups }) => groups?.['to'] ?? '');
  const broken = links.filter((link) => {
    const [path = '', anchor] = link.split('#');
    const file = path === '' ? join(root, page) : join(root, dirname(page), path);
    return !existsSync(file) || (anchor !== undefined && !anchorsOf(file).includes(anchor));
  });
  expect(broken).toEqual([]);
});

test('README has a configuration for three hosts that an agent takes as it is', () => {
  const text = /```yaml\n(?<yaml>scope: [^]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.groups?.[
    'yaml'
  ];
  expect(text).toBeDefined();
  const loaded = loadAgentConfig({ files: [{ text: text ?? '', path: 'README.md' }], environment: {} });
  expect(loaded).toMatchObject({ kind: 'ok' });
});

/** As GitHub makes them of headings. */
function anchorsOf(file: string): readonly string[] {
  const headings = readFileSync(file, 'utf8').match(/^#+ .+$/gm) ?? [];
  return headings.map((heading) =>
    heading
      .replace(/^#+ /, '')
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
