import type { NodeName } from '../names.ts';

/** What somebody at the keyboard has chosen to see, and to act on. */
export interface Screen {
  readonly page: 'cluster' | 'help';
  /** Whom the next kill, freeze or cut means; `null`: the primary. */
  readonly chosen: NodeName | null;
  readonly connections: readonly string[];
}
