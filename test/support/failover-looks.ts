import type { Json } from '../../src/domain/json.ts';
import { type Look, memberKey, toldAt } from './watched-cluster.ts';

const withoutLeader: Readonly<Record<string, Json>> = { leader: null, 'members/n1': null };
const fed = { replication_state: undefined };

/** `n1` dies: first its agent is silent, then its lease ends, then `n2` leads. */
export const failover: readonly Look[] = [
  {},
  { status: { n1: null, n2: fed, n3: fed } },
  {
    keys: withoutLeader,
    status: { n1: null, n2: fed, n3: fed },
    decision: { n2: { rule: 'campaign', action: { kind: 'ask-peers' }, waits_for: 'answers of n3', facts: {} } },
  },
  {
    keys: { ...withoutLeader, leader: 'n2', 'members/n2': memberKey('n2', { role: 'primary', timeline: 5 }) },
    status: {
      n1: null,
      n2: { role: 'primary', timeline: 5, replication_state: undefined, xlog: { location: 83_886_400 } },
      n3: { timeline: 5 },
    },
    decision: {
      n2: {
        rule: 'lead',
        facts: {},
        lock: { kind: 'held', deadline_in_ms: 28_000 },
        role_change: { to: 'primary', rule: 'promote', at: toldAt(9, 0, 4), facts: { how: 'race' } },
        race: {
          outcome: 'won',
          rule: 'campaign',
          at: toldAt(9, 0, 3),
          facts: { peers: 1 },
          former_leader: 'n1',
          former_end: 'lease-ended',
          unled_ms: 540,
          renewed_before_ms: 30_540,
          own: { name: 'n2', timeline: 4, lsn: '0/5000060' },
          others: [{ name: 'n3', timeline: 4, lsn: '0/5000060', because: 'is equal' }],
        },
      },
      n3: { facts: { leader: 'n2' } },
    },
  },
];
