/** Something that goes wrong, or that an operator does, at one moment; `span` (ms) until it ends by itself. */
export type Fault =
  | ({ readonly kind: NodeFaultKind } & OnNode)
  /** The main thread is busy: the heartbeat goes on, the machine does not step. */
  | ({ readonly kind: 'freeze-agent' | 'stall-agent' | 'freeze-guardian' | 'power-off' | 'pause-machine' } & OnNode &
      Lasting)
  /** SIGKILL, or SIGTERM; started again after `span`. */
  | ({ readonly kind: 'kill-agent' | 'stop-agent' } & OnNode & Lasting)
  | ({ readonly kind: 'cut-node'; readonly from: 'store' | 'peers' | 'all'; readonly direction: Direction } & OnNode &
      Lasting)
  | ({ readonly kind: 'stop-store-member' } & Lasting)
  | ({ readonly kind: 'store-outage' } & Lasting)
  | { readonly kind: 'move-store-leader' }
  | { readonly kind: 'compact-store' }
  | ({ readonly kind: 'lost-replies' | 'lost-requests'; readonly probability: number } & Lasting)
  | ({ readonly kind: 'slow-store'; readonly extraMs: number } & Lasting)
  | ({ readonly kind: 'store-refuses' } & Lasting)
  | { readonly kind: 'delete-lock-by-hand' }
  | { readonly kind: 'switchover'; readonly candidate: 'any' | Target };

type NodeFaultKind = 'kill-guardian' | 'kill-postmaster' | 'kill-postgres' | 'crash-backend';
type OnNode = { readonly target: Target };
type Lasting = { readonly span: number };

export type FaultKind = Fault['kind'];
export type Direction = 'both' | 'inbound' | 'outbound';
/** Whoever leads at that moment, or the node of that number. */
export type Target = 'leader' | number;

export type PlannedFault = { readonly at: number; readonly fault: Fault };

/** As a line of a transcript and of a scenario. */
export function describeFault(fault: Fault): string {
  const { kind, ...rest } = fault;
  const details = Object.entries(rest).map(([name, value]) => {
    return `${name} ${typeof value === 'number' && name !== 'target' ? Math.round(value * 100) / 100 : value}`;
  });
  return [kind, ...details].join(', ');
}
