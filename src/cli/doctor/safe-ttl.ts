import { FAST_STOP_LEAD } from '../../domain/fencing.ts';
import { renewalInterval } from '../../domain/renewal-interval.ts';
import { type Millis, millis, seconds } from '../../domain/time.ts';

/** What etcd takes when nothing else is configured; it tells nobody what is. */
const ELECTION_TIMEOUT = seconds(1);

/**
 * The shortest `ttl` in whole seconds with which an election of the store costs no primary its lease: one renewal, twice
 * the election, both ways of a slow answer, and the time that fencing needs (docs/adr/0004-heartbeat-and-guardian.md).
 */
export function safeTtl(slowestRead: Millis): Millis {
  const fixed = 2 * ELECTION_TIMEOUT + 2 * slowestRead + FAST_STOP_LEAD;
  for (let ttl = 2; ; ttl += 1) {
    if (seconds(ttl) >= fixed + renewalInterval(seconds(ttl)) || ttl >= LONGEST_SECONDS) return millis(ttl * 1000);
  }
}

const LONGEST_SECONDS = 300;
