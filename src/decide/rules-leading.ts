import type { RuleText } from './rule-text.ts';

/** With a server that runs: promote, lead, follow, hand over, and the race when nobody leads. */
export const rulesOfLeading = {
  'recheck-after-acquire': {
    question: 'when-to-promote',
    says: 'The lock is mine: the peers are asked once more before promoting. What a peer has more is waited for while WAL comes here.',
  },
  'outrun-after-acquire': {
    question: 'when-to-promote',
    says: 'After acquiring, a peer turned out to be ahead or still primary: the lock is given back.',
  },
  'lease-too-short-to-promote': {
    question: 'when-to-promote',
    says: 'The lease ends too soon, or no guardian is ready: no promotion under it.',
  },
  'register-before-promotion': {
    question: 'when-to-promote',
    says: 'The store does not name the cluster, as after a creation that was broken off: its system ID is written before the promotion, so that nobody creates another cluster beside it.',
  },
  promote: {
    question: 'when-to-promote',
    says: 'The lock is proven mine, a guardian is armed and nobody is ahead: promote.',
  },
  'sync-key-before-promotion': {
    question: 'sync-promotion',
    says: 'Before a promotion in a synchronous mode: the sync key names me as the leader, and who may lead after me.',
  },
  'sync-names-before-promotion': {
    question: 'sync-promotion',
    says: 'Before a promotion in a synchronous mode: PostgreSQL is told whom to wait for from its first commit on.',
  },
  'sync-key': {
    question: 'sync-replication',
    says: 'The sync key is to name other standbys, and whoever it would elect has what was acknowledged: write it.',
  },
  'sync-names': {
    question: 'sync-replication',
    says: 'Commits are to wait for other standbys, and the sync key allows it: write synchronous_standby_names and reload.',
  },
  'promotion-vetoed': {
    question: 'when-to-promote',
    says: 'The operator’s `pre_promote` said no: the lock is given up, and this member keeps out of the race for one `ttl`.',
  },
  'promotion-failed': {
    question: 'when-to-promote',
    says: 'PostgreSQL was told to promote and did not, three times, and another member can take over; or somebody is found ahead meanwhile: it is stopped, and the lock is given up next.',
  },
  lead: { question: 'lead', says: 'This is the primary with the lock.' },
  'apply-configuration': {
    question: 'apply-configuration',
    says: 'PostgreSQL’s files say something else than the configuration: write and reload.',
  },
  'switchover-ask': {
    question: 'switchover-acceptance',
    says: 'A switchover is requested: the candidates are asked for their positions; right after a change of leader they have time to follow.',
  },
  'switchover-accepted': {
    question: 'switchover-acceptance',
    says: 'A healthy candidate exists: PostgreSQL stops in good order and the lock is handed over.',
  },
  'switchover-refused': {
    question: 'switchover-acceptance',
    says: 'The request does not fit the cluster, or no healthy candidate exists: it is removed.',
  },
  'request-fulfilled': {
    question: 'switchover-acceptance',
    says: 'I won the lock as the request wanted, or instead of its candidate: the request is removed.',
  },
  'switchover-release': {
    question: 'switchover-acceptance',
    says: 'PostgreSQL is shut down: the lock is released for the candidate.',
  },
  'lead-standby-cluster': {
    question: 'follow-remote',
    says: 'The lock is mine and the cluster follows another one: follow its primary, and say why where nothing arrives. Nobody is promoted.',
  },
  'leave-remote-slot': {
    question: 'follow-remote',
    says: 'The cluster follows another one, somebody else leads, and I stream with the slot that is the leader’s there: I go on without it.',
  },
  follow: { question: 'whom-to-follow', says: 'Another member leads: follow it.' },
  'change-upstream': {
    question: 'whom-to-follow',
    says: 'The upstream in force is not the wanted one: it is changed by a reload.',
  },
  'follow-nobody': {
    question: 'whom-to-follow',
    says: 'A standby diverged and has to wait, for a person or the end of a pause, or another member leads now than it followed: it is taken off whom it followed, so that PostgreSQL receives no WAL of another branch, nor any while what lies here is compared.',
  },
  'raise-parameters': {
    question: 'raise-parameters',
    says: 'The primary was started with more of what replay needs (connections, locks, …) than this standby has: replay waits, and no promotion is possible. A restart raises it.',
  },
  'copy-logical-slots': {
    question: 'copy-slots',
    says: 'The leader has permanent logical slots that this standby lacks, and what their consumers have confirmed is replayed here: their state is copied, with a restart.',
  },
  'restart-to-follow': {
    question: 'restart-to-follow',
    says: 'What lies here belongs to the leader’s timeline, and PostgreSQL waits for another one, which the leader’s has no part of: a restart makes it choose anew.',
  },
  'wake-receiver': {
    question: 'whom-to-follow',
    says: 'The cluster is in a synchronous mode and the leader is back: PostgreSQL is told to connect to it at once.',
  },
  'leader-without-address': {
    question: 'whom-to-follow',
    says: 'The leader’s member key is missing: keep the present upstream.',
  },
  'ask-peers': { question: 'campaign', says: 'Nobody holds the lock: all peers are asked for their position.' },
  'wait-for-peers': { question: 'campaign', says: 'Peers have been asked and have a moment left to answer.' },
  'wait-for-former-leader': {
    question: 'campaign',
    says: 'The lock is gone, and the member that had it says in its key that it is a primary and not down, and does not answer, or an operator names this member, and another one answers as a primary: it may acknowledge writes until its lease would be over.',
  },
  'race-backoff': {
    question: 'race-backoff',
    says: 'Nobody holds the lock, WAL still arrives, and primary_race_backoff is set: the former leader may be back in a moment.',
  },
  'may-not-campaign': {
    question: 'who-may-campaign',
    says: 'This member may not campaign for the lock; the reason is in the facts.',
  },
  'defer-to-peer': {
    question: 'who-wins',
    says: 'A peer is the better candidate: it gets the chance to take the lock.',
  },
  'votes-missing': {
    question: 'campaign',
    says: 'Too few of those whom the sync key names have answered that they are not ahead: the lock is left free.',
  },
  campaign: { question: 'campaign', says: 'Nobody that answered is better: take the lock.' },
  'reclaim-as-primary': {
    question: 'campaign',
    says: 'Nobody holds the lock, a primary runs here, and no peer contradicts: take the lock.',
  },
  'primary-not-entitled': {
    question: 'campaign',
    says: 'A primary runs here without the lock and may not have it: it stops.',
  },
} as const satisfies Record<string, RuleText>;
