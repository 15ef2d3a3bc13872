import type { Told } from '../model/happening.ts';
import type { Probe } from '../model/probe.ts';

/** How a session without a terminal says what happens. */
export interface Printer {
  /** The cluster is up for the first time. */
  readonly started: (connections: Connections) => void;
  readonly told: (told: Told) => void;
  readonly ended: (result: Result) => void;
  /** The files were kept. */
  readonly kept: (folder: string) => void;
}

/** Where everything is to be found while it runs. */
export interface Connections {
  readonly nodes: readonly { readonly name: string; readonly postgres: string; readonly api: string }[];
  /** Of whichever node is the primary. */
  readonly primary: string;
  /** A command for another terminal. */
  readonly list: string;
}

export interface Result {
  /** Was the cluster healthy in the end, and before that whenever it was waited for? */
  readonly isHealed: boolean;
  /** Acknowledged writes that were missing in the end and had not been reported at a failover; `null`: nobody could be asked. */
  readonly unreported: number | null;
  readonly probe: Probe;
}
