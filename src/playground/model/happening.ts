import type { NodeReport } from '../../wire/rest/node-report.ts';
import type { NodeName } from '../names.ts';
import type { LogLine } from './log-line.ts';
import type { NodeCondition } from './node-condition.ts';

/** All that a playground learns, and all that it does: the model is made of these, and so is what is printed. */
export type Happening =
  /** A look at a node; `askedAt` is on the playground's clock. */
  | {
      readonly kind: 'looked';
      readonly node: NodeName;
      readonly askedAt: number;
      readonly condition: NodeCondition;
      readonly report: NodeReport;
    }
  /** A line of an agent's log. */
  | { readonly kind: 'said'; readonly node: NodeName; readonly line: LogLine }
  /** Somebody pressed a key, or a script said so; `node`: whom it concerns. */
  | { readonly kind: 'did'; readonly action: string; readonly node: NodeName | null; readonly text: string }
  /** Nothing was done, and why. */
  | { readonly kind: 'refused'; readonly action: string; readonly text: string }
  /** A write was acknowledged. */
  | { readonly kind: 'wrote'; readonly node: NodeName }
  /** The first acknowledged write after `ms` without one. */
  | { readonly kind: 'gap-ended'; readonly node: NodeName; readonly ms: number }
  /** Acknowledged writes that a new primary does not have. */
  | { readonly kind: 'found-lost'; readonly node: NodeName; readonly count: number }
  | { readonly kind: 'healed'; readonly tookMs: number }
  | { readonly kind: 'not-healed'; readonly withinMs: number; readonly because: string }
  /** Anything else worth a line. */
  | { readonly kind: 'note'; readonly text: string };

/** Whoever learns something tells it; the time is added there. */
export type Tell = (happening: Happening) => void;

/** A happening with its moment on both clocks. */
export interface Told {
  /** On the playground's own clock. */
  readonly at: number;
  /** Milliseconds since 1970. */
  readonly wallAt: number;
  readonly happening: Happening;
}
