import { type Line, span } from '../../terminal/line.ts';
import { healthOf, isWhole } from '../model/health.ts';
import type { Model } from '../model/model.ts';
import { isPaused } from '../model/pause.ts';

/** What this is and how long it runs; and whether all is well. */
export function headerRows(model: Model, columns: number): readonly Line[] {
  const title = ' Matriarch playground';
  const clock = `${minutes(model.now - model.startedAt)} `;
  const gap = ' '.repeat(Math.max(1, columns - title.length - clock.length));
  return [[span(title, 'bold'), span(gap), span(clock, 'dim')], healthRow(model)];
}

function healthRow(model: Model): Line {
  const paused = isPaused(model) ? [span('  paused (z resumes)', 'warn')] : [];
  const health = healthOf(model);
  const missing = model.nodes.filter((node) => !isWhole(node)).map(({ name }) => name);
  const without = missing.length === 0 ? '' : `, without ${missing.join(' and ')}`;
  return health.kind === 'healthy'
    ? [span(' healthy', 'good'), span(without), ...paused]
    : [span(' not healthy', 'bad'), span(`: ${health.because}`), ...paused];
}

function minutes(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
