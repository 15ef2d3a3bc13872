import { clusterOverview } from '../../domain/cluster-overview.ts';
import { type Line, span } from '../../terminal/line.ts';
import { isPaused } from '../leader-first.ts';
import { localTime } from '../local-time.ts';
import { scheduleText } from './change-text.ts';
import type { Scene } from './scene.ts';
import { verdictOf } from './verdict.ts';

/** Which cluster this is and when it was looked at; whether all is well; and what is to come. */
export function headerRows(scene: Scene, columns: number): readonly Line[] {
  const title = ` Matriarch  cluster ${scene.cluster}`;
  const clock = `${localTime(scene.wallAt)} `;
  const gap = ' '.repeat(Math.max(1, columns - title.length - clock.length));
  const { text, style } = verdictOf(scene);
  const paused = isPaused(scene.view) ? [span('  paused', 'warn')] : [];
  const { scheduledSwitchover } = clusterOverview(scene.view);
  return [
    [span(title, 'bold'), span(gap), span(clock, 'dim')],
    [span(` ${text}`, style), ...paused],
    ...(scheduledSwitchover === null ? [] : [[span(` ${scheduleText(scheduledSwitchover)}`, 'ours')]]),
  ];
}
