import type { RuleText } from './rule-text.ts';

/** From a directory to a server that runs: whose data it is, whether it fits, how it is created, copied, rewound and started. */
export const rulesOfStarting = {
  'foreign-cluster': {
    question: 'identity',
    says: 'The data directory belongs to another cluster than the store says: the agent ends.',
  },
  'system-id-unreadable': {
    question: 'identity',
    says: 'The data directory has no valid system identifier: a person has to look at it.',
  },
  'claim-initialize': {
    question: 'identity',
    says: 'No cluster is registered, nobody leads, and a data directory lies here: its identifier becomes the cluster’s.',
  },
  'standby-of-another-scope': {
    question: 'identity',
    says: 'No cluster is registered, and a standby lies here that an agent of another scope has configured: a person has to look at it.',
  },
  'standby-without-cluster': {
    question: 'identity',
    says: 'No cluster is registered and PostgreSQL here starts as a standby: start the agent beside the primary first.',
  },
  'data-directory-inaccessible': {
    question: 'bootstrap',
    says: 'The data directory cannot be read: a person has to look at it.',
  },
  'adopt-own-lock': {
    question: 'own-lock',
    says: 'The lock bears my name under another lease of mine (the agent was restarted): my lease is put on it.',
  },
  'own-lock-in-doubt': {
    question: 'own-lock',
    says: 'The lock bears my name but is not proven at the moment: the heartbeat is asking.',
  },
  'win-initialize': {
    question: 'bootstrap',
    says: 'No cluster exists and the directory is empty: the right to create one is claimed.',
  },
  'clear-abandoned-initialize': {
    question: 'bootstrap',
    says: 'The claim to create the cluster is older than one ttl, and no living member is at it or has data: the claim is removed.',
  },
  'create-cluster': {
    question: 'bootstrap',
    says: 'The right to create the cluster and its first lock are mine: initdb, start, roles.',
  },
  'first-lock': {
    question: 'bootstrap',
    says: 'The right to create the cluster is mine: the lock is taken before anything starts, so that the first start is guarded.',
  },
  'clear-before-creation': {
    question: 'bootstrap',
    says: 'The right to create the cluster and its first lock are mine, and `sync`, `status`, `history` or `failsafe` still tells of another cluster: it is written over first.',
  },
  'bootstrap-failed': {
    question: 'bootstrap',
    says: 'Creating the cluster failed: the directory is set aside, the claim removed, the agent ends.',
  },
  'copy-without-leader': {
    question: 'bootstrap',
    says: 'The directory is empty, and nobody leads. The primary that the cluster follows is copied; else a method of `create_replica_methods` that needs nobody (`no_leader`) copies a backup or an archive.',
  },
  'copy-remote': {
    question: 'bootstrap',
    says: 'The initialise key and the lock are mine, and the cluster follows another one: its primary is copied, as often as it takes.',
  },
  'copy-from-leader': {
    question: 'bootstrap',
    says: 'The directory is empty and a leader runs: a base backup is taken from it.',
  },
  'wait-for-leader': {
    question: 'bootstrap',
    says: 'The directory is empty and no running leader is known: wait for one.',
  },
  'release-without-data': {
    question: 'release-without-data',
    says: 'The lock is mine, PostgreSQL is down and its directory is empty or cannot be read for a while: the lock is given up.',
  },
  'stop-without-data': {
    question: 'bootstrap',
    says: 'The data directory is empty and PostgreSQL still runs: what is left of it is stopped.',
  },
  'demote-without-watchdog': {
    question: 'required-watchdog',
    says: 'A watchdog is required and cannot protect this primary: PostgreSQL stops in good order.',
  },
  'release-without-watchdog': {
    question: 'required-watchdog',
    says: 'A watchdog is required and cannot protect this member: it is not promoted, and the lock is given up.',
  },
  'restart-in-place': {
    question: 'crashed-primary',
    says: 'The primary crashed and the lock is still mine: it is started again at once on the same timeline.',
  },
  'restart-same-reign': {
    question: 'crashed-primary',
    says: 'PostgreSQL was stopped as a precaution, and the very lock of its reign is still mine: it goes on as primary.',
  },
  'lease-too-short-to-start': {
    question: 'crashed-primary',
    says: 'The lock is mine, but its lease ends too soon, or no guardian is ready: PostgreSQL does not start as primary under it.',
  },
  'start-to-promote': {
    question: 'crashed-primary',
    says: 'The lock is mine, PostgreSQL is down and was not primary under it: it starts read-only and is promoted next. What was rewound or copied, and has not been consistent since, is pointed at its source meanwhile.',
  },
  'demote-cluster': {
    question: 'demote-cluster',
    says: 'The cluster follows another one and PostgreSQL here can write: it is stopped in good order, its last WAL is archived, and the lock stays.',
  },
  'give-up-crashed-primary': {
    question: 'crashed-primary',
    says: 'The crashed primary did not come back in time, and another member can take over: the lock is given up.',
  },
  'give-up-parted': {
    question: 'follow-remote',
    says: 'I lead a standby cluster, have parted from the remote and need a person; another member can take over: the lock is given up.',
  },
  'keep-trying-alone': {
    question: 'crashed-primary',
    says: 'The crashed primary did not come back, and nobody else can take over: it is tried again.',
  },
  'recover-before-check': {
    question: 'rewind-or-new-copy',
    says: 'The directory was not shut down cleanly: single-user recovery first, so that its last position is known.',
  },
  'ask-leader-history': {
    question: 'rewind-or-new-copy',
    says: 'Whether this directory fits the leader’s history is not known yet: the leader is asked.',
  },
  'wait-for-leader-primary': {
    question: 'rewind-or-new-copy',
    says: 'The new leader is not a primary yet: its history is asked a moment later.',
  },
  'wait-for-checkpoint': {
    question: 'rewind-or-new-copy',
    says: 'The new leader has not finished its checkpoint: rewinding now would copy the old timeline.',
  },
  rewind: {
    question: 'rewind-or-new-copy',
    says: 'This directory has WAL that the leader’s history does not: pg_rewind removes it.',
  },
  'new-copy': {
    question: 'rewind-or-new-copy',
    says: 'This directory diverged, rewind cannot help, and the configuration allows removing it: a new base backup.',
  },
  'diverged-needs-operator': {
    question: 'rewind-or-new-copy',
    says: 'This directory diverged, and neither rewind nor removal is possible or allowed: a person has to decide.',
  },
  'stop-to-rewind': {
    question: 'rewind-or-new-copy',
    says: 'A standby diverged from the leader, or needs WAL that is in nobody’s history to become consistent: it is stopped to be rewound or copied.',
  },
  'stop-to-copy': {
    question: 'rewind-or-new-copy',
    says: 'The leader has removed the WAL that this standby needs next: it is stopped for a new base backup.',
  },
  'starved-needs-operator': {
    question: 'rewind-or-new-copy',
    says: 'The leader has removed the WAL that this standby needs next, and nothing allows a new copy: a person has to decide.',
  },
  'start-fresh-copy': {
    question: 'rewind-or-new-copy',
    says: 'A fresh base backup, or what was rewound, lies here: it starts and follows. A copy of another member than the leader follows nobody before it was compared.',
  },
  'start-follow': {
    question: 'rewind-or-new-copy',
    says: 'The directory fits the leader’s history: it starts as its replica. In a cluster that follows another one it follows no member before it asked again.',
  },
  'half-rewound': {
    question: 'rewind-or-new-copy',
    says: 'A rewind of this directory broke off in the middle: nothing starts from it before it was rewound again, or copied anew.',
  },
  'start-unverified': {
    question: 'rewind-or-new-copy',
    says: 'Whether all that lies here fits the leader is not known: PostgreSQL starts read-only, follows nobody yet, and is compared then.',
  },
  'start-without-leader': {
    question: 'rewind-or-new-copy',
    says: 'Nobody leads: PostgreSQL starts read-only, so that it can take part in the race.',
  },
  'reinitialize-stop': {
    question: 'ordered-copy',
    says: 'A person ordered a new copy in place of what lies here: PostgreSQL is stopped at once.',
  },
  'reinitialize-copy': {
    question: 'ordered-copy',
    says: 'A person ordered a new copy in place of what lies here: of the leader, or of a member tagged `clonefrom`. In a synchronous mode a replica, or a backup, is copied only once the leader had the time to count on this member no more.',
  },
  'restart-ordered': {
    question: 'ordered-restart',
    says: 'A person ordered a restart: PostgreSQL stops in good order and starts again; whoever leads keeps the lock meanwhile.',
  },
  'restart-scheduled': {
    question: 'ordered-restart',
    says: 'The time of a scheduled restart has come, and its conditions are met.',
  },
  'still-starting': { question: 'starting', says: 'PostgreSQL is up and does not accept connections yet: wait.' },
  'start-timeout': {
    question: 'starting',
    says: 'PostgreSQL did not accept connections in time and another member can take over: stop it.',
  },
  'silent-server': { question: 'starting', says: 'PostgreSQL runs and does not answer: wait.' },
} as const satisfies Record<string, RuleText>;
