import type { Told } from './happening.ts';

/** A happening as one line of the event list; `null`: it changes a figure, and is no line. */
export function eventLine({ wallAt, happening }: Told): EventLine | null {
  switch (happening.kind) {
    case 'looked':
    case 'wrote':
      return null;
    case 'said': {
      const { node, line } = happening;
      return { wallAt: line.wallAt, who: node, text: line.text, tone: line.level === 'info' ? 'plain' : 'bad' };
    }
    case 'did':
      return { wallAt, who: 'you', text: happening.text, tone: 'ours' };
    case 'refused':
      return { wallAt, who: 'you', text: `${happening.action}: ${happening.text}`, tone: 'bad' };
    case 'gap-ended':
      return {
        wallAt,
        who: 'probe',
        text: `${happening.node} takes writes; none was acknowledged for ${(happening.ms / 1000).toFixed(2)} s`,
        tone: 'good',
      };
    case 'found-lost':
      return {
        wallAt,
        who: 'probe',
        text:
          `lost: ${happening.count} acknowledged writes that ${happening.node} had not received when it took over ` +
          '(replication is asynchronous)',
        tone: 'bad',
      };
    case 'healed':
      return { wallAt, who: '=>', text: `healthy after ${(happening.tookMs / 1000).toFixed(2)} s`, tone: 'good' };
    case 'not-healed':
      return {
        wallAt,
        who: '=>',
        text: `not healthy within ${happening.withinMs / 1000} s: ${happening.because}`,
        tone: 'bad',
      };
    case 'note':
      return { wallAt, who: '', text: happening.text, tone: 'plain' };
  }
}

export interface EventLine {
  /** Milliseconds since 1970. */
  readonly wallAt: number;
  /** A node, the probe, or whoever presses keys. */
  readonly who: string;
  readonly text: string;
  readonly tone: 'plain' | 'good' | 'bad' | 'ours';
}
