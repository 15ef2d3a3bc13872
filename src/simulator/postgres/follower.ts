import type { Place } from '../world/network.ts';
import type { UpstreamLink } from './upstream-link.ts';

/** A server that streams from this one, as far as this one is concerned. */
export type Follower = {
  readonly host: Place;
  readonly applicationName: string;
  readonly position: number;
  readonly link: Pick<
    UpstreamLink,
    | 'isFlowing'
    | 'hasCaughtUp'
    | 'catchesUpIn'
    | 'usedSlot'
    | 'lastHeard'
    | 'goesOn'
    | 'upstreamChanged'
    | 'upstreamIsSilent'
  >;
  settle(): void;
  receiveUpTo(position: number): void;
};
