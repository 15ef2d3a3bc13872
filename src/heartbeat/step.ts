import type { HeartbeatEffect, HeartbeatEvent } from '../ports/heartbeat.ts';
import { obey } from './command.ts';
import type { Draft } from './draft.ts';
import { change, doubted } from './draft.ts';
import { hearGuardian, tendGuardian } from './guardian-link.ts';
import { hearGrant, tendLease } from './lease.ts';
import { tendDeadline } from './lock.ts';
import { publish } from './publish.ts';
import { hearPursuitWritten, tendMove, tendPursuit } from './pursuit.ts';
import { hearQuiet, hearReleaseLook, hearReleaseWritten, tendRelease } from './release.ts';
import { hearKeepAlive, hearLockRead, tendRenewal, voidRenewal } from './renewal.ts';
import type { HeartbeatState } from './state.ts';

/**
 * One step of the heartbeat, which owns the agent's lease, proves the lock and arms the guardian.
 * First what the event says, then whatever is due by now, then what changed is told.
 * @see docs/adr/0004-heartbeat-and-guardian.md
 */
export function stepHeartbeat(
  state: HeartbeatState,
  event: HeartbeatEvent,
): { readonly state: HeartbeatState; readonly effects: readonly HeartbeatEffect[] } {
  if (state.life === 'ended') return { state, effects: [] };
  // The timer that brought us here, or an earlier one, is spent: it is set anew if something is still due.
  const awake = state.timerAt !== null && event.at >= state.timerAt ? { ...state, timerAt: null } : state;
  const heard = hear({ state: awake, effects: [] }, event);
  if (heard.state.life === 'ended') return heard;
  return publish(tend(heard, event.at), event.at);
}

function hear(draft: Draft, event: HeartbeatEvent): Draft {
  const { at } = event;
  switch (event.kind) {
    case 'started':
    case 'timer':
      return draft;
    case 'command':
      return obey(draft, at, event);
    case 'granted':
      return hearGrant(draft, event);
    case 'kept-alive':
      return hearKeepAlive(draft, event);
    case 'lock-read':
      return hearReleaseLook(hearLockRead(draft, event), event);
    case 'written':
      return hearReleaseWritten(hearPursuitWritten(draft, event), event);
    case 'guardian':
      return hearQuiet(hearGuardian(draft, at, event.report), event.report);
    case 'suspended': {
      const lock = doubted(draft.state.lock, 'the machine was suspended', 'proof');
      return change(draft, { lock, renewal: voidRenewal(draft.state.renewal, at) });
    }
  }
}

/** Everything that time or the event has made due. The renewal comes last: the others may ask for one. */
function tend(draft: Draft, at: HeartbeatEvent['at']): Draft {
  const guarded = tendGuardian(tendDeadline(draft, at), at);
  const leased = tendMove(tendLease(guarded, at), at);
  return tendRenewal(tendRelease(tendPursuit(leased, at), at), at);
}
