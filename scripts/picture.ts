/**
 * Makes docs/failover.svg, the picture in README: a playground is started, the primary's whole node is killed, and what
 * the terminal shows once another one leads is written down. `npm run docs:picture`, after a build.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { machineWorld, programPath } from '../src/main/machine-world.ts';
import { parseScript } from '../src/playground/script/parse-script.ts';
import { play, untilHealthy } from '../src/playground/script/play.ts';
import { withSession } from '../src/playground/session.ts';
import { render } from '../src/playground/view/render.ts';
import type { Line, Style } from '../src/terminal/line.ts';

const root = join(import.meta.dirname, '..');
const size = { columns: 100, rows: 26 };
const screen = { page: 'cluster', chosen: null, connections: [] } as const;
const script = 'wait 3s; kill-node leader; wait healed 60s; wait 2s';

const looks: Readonly<Record<Style, string>> = {
  plain: '',
  bold: 'font-weight="bold" fill="#ffffff"',
  dim: 'fill="#8b949e"',
  good: 'fill="#7ee787"',
  bad: 'font-weight="bold" fill="#ff7b72"',
  warn: 'fill="#e3b341"',
  ours: 'fill="#79c0ff"',
};
const FONT = 13;
const ADVANCE = 7.83;
const LEADING = 18;
const MARGIN = 16;

const world = machineWorld({ interruption: () => null, script: join(root, 'dist/matriarch.js') });

const shown = await played();
writeFileSync(join(root, 'docs/failover.svg'), svg(render(shown, screen, size)));

type Shown = Parameters<typeof render>[0];

async function played(): Promise<Shown> {
  const options = {
    searchPath: programPath(),
    folder: '/tmp/matriarch-picture',
    files: 'remove',
    onTold: () => {},
    onWrite: () => {},
    onKept: () => {},
  } as const;
  return withSession(world, options, async (session) => {
    const parts = { world, ...session, refusals: 'matter' } as const;
    const parsed = parseScript(script);
    const isUp = (await untilHealthy(90_000, parts)) !== null;
    const outcome = isUp && parsed.kind === 'script' ? await play(parsed.commands, parts) : 'failed';
    if (outcome !== 'played') throw new Error('the cluster did not heal: no picture');
    return { ...session.model(), now: world.now() };
  });
}

/** One text element per line; a terminal's colors on a dark ground. */
function svg(lines: readonly Line[]): string {
  const [width, height] = [size.columns * ADVANCE + 2 * MARGIN, size.rows * LEADING + 2 * MARGIN];
  const rows = lines.map((line, row) => {
    const spans = line.map(({ text, style }) => `<tspan ${looks[style]}>${escaped(text)}</tspan>`).join('');
    return `<text x="${MARGIN}" y="${MARGIN + (row + 1) * LEADING - 5}" xml:space="preserve">${spans}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    '<title>The playground after its primary was killed</title>',
    `<rect width="100%" height="100%" rx="8" fill="#1d2330"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="${FONT}" fill="#c9d1d9">`,
    ...rows,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
