import type { Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { standbyPosition } from '../domain/postgres-report.ts';
import { neverStreams } from '../domain/tags.ts';
import { isUpstream, upstreamOf } from './desired-postgres.ts';
import { handOverGap, whoHandedOver } from './handed-over.ts';
import { changeUpstream, mayBeAnotherBranch } from './whom-to-follow.ts';

/**
 * Nobody leads after a switchover, and I lack some of what was handed over: do I get it from the old leader? Most follow
 * it still, and only wait until it is back. Whoever was started while it stopped could not ask it, and follows nobody.
 */
export function followFormerLeader(o: Observation, m: Memory): Decision | null {
  const view = latestView(o);
  const server = o.postgres?.server;
  if (view === null || server?.kind !== 'standby' || neverStreams(o.config.tags)) return null;
  const position = standbyPosition(server);
  const isServed = server.walReceiver?.status === 'streaming';
  if (isServed || position === null || handOverGap(o, m, view, position) === null) return null;
  const former = whoHandedOver(o, m);
  const wanted = upstreamOf(o, former);
  if (wanted === null || isUpstream(server.upstream, wanted)) return null;
  return mayBeAnotherBranch(o, m, former) ?? changeUpstream(o, server.upstream, wanted);
}
