import type { NodeFile } from '../node/node-config.ts';
import type { SynchronousSettings } from '../world/settings.ts';

/** Something that goes wrong, or that an operator does, at one moment; `span` (ms) until it ends by itself. */
export type Fault = NodeFault | StoreFault | RemoteFault | OperatorAct;

export type NodeFault =
  | ({ readonly kind: 'kill-guardian' | 'kill-postmaster' | 'kill-postgres' | 'crash-backend' } & OnNode)
  /** `stall-agent`: the main thread is busy; the heartbeat goes on, the machine does not step. */
  | ({ readonly kind: 'freeze-agent' | 'stall-agent' | 'freeze-guardian' | 'power-off' } & OnNode & Lasting)
  /** Somebody makes room: slots that nobody uses are dropped, and the WAL that they held back is removed. */
  | ({ readonly kind: 'drop-unused-slots' } & OnNode)
  /** Nothing more can be written where PostgreSQL's files are; after `span` there is space again. */
  | ({ readonly kind: 'fill-disk' } & OnNode & Lasting)
  /** pg_wal_replay_pause on a standby. */
  | ({ readonly kind: 'pause-replay' } & OnNode & Lasting)
  /** One that pays no attention to an orderly stop, until `span` is over or it is killed. */
  | ({ readonly kind: 'stick-backend' } & OnNode & Lasting)
  /** Agent and guardian at once: only a watchdog is left. The agent is started again after `span`. */
  | ({ readonly kind: 'freeze-both' | 'kill-both' } & OnNode & Lasting)
  /** The watchdog's device cannot be opened; one that is open works on. */
  | ({ readonly kind: 'break-watchdog' } & OnNode & Lasting)
  /** All processes of PostgreSQL: stopped by a signal, or waiting for a disk that does not answer. */
  | ({ readonly kind: 'hang-postgres'; readonly how: 'stopped' | 'disk' } & OnNode & Lasting)
  /** `stand-still`: a virtual machine is stopped, and nothing on it can tell. */
  | ({ readonly kind: 'pause-machine'; readonly clocks: 'run-on' | 'stand-still' } & OnNode & Lasting)
  | ({ readonly kind: 'step-wall-clock'; readonly byMs: number } & OnNode)
  /** SIGKILL, or SIGTERM; started again after `span`. */
  | ({ readonly kind: 'kill-agent' | 'stop-agent' } & OnNode & Lasting)
  /** Its own file is edited and it is restarted in order; after `span` the same with the old file. */
  | ({ readonly kind: 'restart-with-file'; readonly file: Partial<NodeFile> } & OnNode & Lasting)
  | ({ readonly kind: 'cut-node'; readonly from: 'store' | 'peers' | 'all'; readonly direction: Direction } & OnNode &
      Lasting);

export type StoreFault =
  | ({ readonly kind: 'stop-store-member' | 'freeze-store-member' | 'store-outage' | 'store-refuses' } & Lasting)
  /** It runs out of space; after `span` somebody has made some. */
  | ({ readonly kind: 'fill-store' } & Lasting)
  /** Cut off from the other members, not from its clients. */
  | ({ readonly kind: 'split-store-leader' | 'stick-store-leader' } & Lasting)
  | { readonly kind: 'move-store-leader' | 'compact-store' }
  | ({ readonly kind: 'lost-replies' | 'lost-requests'; readonly probability: number } & Lasting)
  | ({ readonly kind: 'slow-store' | 'late-replies' | 'late-watches'; readonly extraMs: number } & Lasting)
  /** Watches of one member say nothing, while it answers. */
  | ({ readonly kind: 'hung-watches' } & Lasting)
  /** A backup is taken now; after `span` all members are stopped, and start again from it when every lease has ended. */
  | ({ readonly kind: 'restore-store' } & Lasting);

/** Of the other cluster's primary, in a cluster that follows one. */
export type RemoteFault =
  | ({ readonly kind: 'remote-dies' } & Lasting)
  /** Its standby takes its place, at the same address. */
  | { readonly kind: 'remote-fails-over' }
  /** An operator has a cluster that is well go its own way, or follow again. */
  | { readonly kind: 'part-or-follow' };

/** `of`: whose REST API is asked; a request to a member that is not there is lost. */
export type OperatorAct = { readonly of: Target } & (
  | {
      readonly kind: 'switchover';
      /** Whom the request says to be the leader. */
      readonly from: 'leader' | 'another' | 'nobody';
      readonly candidate: Candidate;
    }
  | { readonly kind: 'schedule-switchover'; readonly candidate: Candidate; readonly ahead: number }
  | { readonly kind: 'cancel-switchover' }
  | { readonly kind: 'failover'; readonly candidate: Candidate }
  | { readonly kind: 'restart' }
  | { readonly kind: 'schedule-restart'; readonly ahead: number }
  | { readonly kind: 'cancel-restart' }
  /** `force`: also when another task is under way. */
  | { readonly kind: 'reinitialize'; readonly force: boolean }
  /** In seconds, as configuration says them. */
  | { readonly kind: 'change-timings'; readonly ttl: number; readonly loopWait: number; readonly retryTimeout: number }
  | ({ readonly kind: 'change-sync-mode' } & SynchronousSettings)
  /** `synchronous_standby_names`, by hand; empty: none. */
  | { readonly kind: 'set-sync-names'; readonly names: string }
  /** Resumed after `span`. */
  | { readonly kind: 'pause-cluster'; readonly span: number }
  /** With a client of the store. */
  | { readonly kind: 'delete-lock-by-hand' }
);

/** `stranger`: a name that no member has. */
export type Candidate = 'any' | 'stranger' | Target;

type OnNode = { readonly target: Target };
type Lasting = { readonly span: number };

export type Direction = 'both' | 'inbound' | 'outbound';
/** Whoever leads at that moment, or the node of that number. */
export type Target = 'leader' | number;

export type PlannedFault = { readonly at: number; readonly fault: Fault };

export function isNodeFault(fault: Fault): fault is NodeFault {
  return 'target' in fault;
}

export function isRemoteFault(fault: Fault): fault is RemoteFault {
  return fault.kind === 'remote-dies' || fault.kind === 'remote-fails-over' || fault.kind === 'part-or-follow';
}

export function isOperatorAct(fault: Fault): fault is OperatorAct {
  return 'of' in fault;
}

/** As a line of a transcript and of a scenario. */
export function describeFault(fault: Fault): string {
  const { kind, ...rest } = fault;
  const details = Object.entries(rest).map(([name, value]) => {
    return `${name} ${shown(name, value)}`;
  });
  return [kind, ...details].join(', ');
}

function shown(name: string, value: unknown): string {
  if (typeof value === 'number') return `${name === 'target' ? value : Math.round(value * 100) / 100}`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
