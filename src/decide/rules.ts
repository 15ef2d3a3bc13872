/**
 * Every rule, by the question that it answers. docs/rules.md is made from this table.
 * A name never changes its meaning: it stands in logs, histories, alerts and tests.
 */
export const rules = {
  'end-orphans': {
    question: 'orphans',
    says: 'The postmaster is gone and its backends are not: they may still commit, so they are ended before anything else.',
  },
  'look-first': {
    question: 'decide',
    says: 'PostgreSQL, or the heartbeat, has not reported yet: nothing is decided blindly.',
  },
  'store-not-seen': { question: 'decide', says: 'No picture of the cluster has come from the store yet.' },
  'own-writes-unsettled': {
    question: 'decide',
    says: 'The picture is older than my own last write, or a write was perhaps applied: a later picture comes first.',
  },
  'nothing-to-decide': { question: 'decide', says: 'No question arises from what is known: the next event will tell.' },
  'awaiting-answer': {
    question: 'decide',
    says: 'An earlier decision is being carried out and has not been answered yet.',
  },
  'backing-off': {
    question: 'decide',
    says: 'The same decision failed a moment ago and is not repeated before its back-off.',
  },
  'task-under-way': { question: 'task-under-way', says: 'A long task runs; everything else waits for it.' },
  'task-pointless': {
    question: 'task-under-way',
    says: 'The agent was asked to leave: a copy, rewind, recovery, start or bootstrap is cancelled.',
  },
  'task-outlasts-lease': {
    question: 'task-under-way',
    says: 'The lease is about to end and a task may leave PostgreSQL writing after it: the task is ended, and the stop that the deadline limits comes next.',
  },
  'promotion-overtaken': {
    question: 'task-under-way',
    says: 'The lock was lost while promoting: the promotion is cancelled.',
  },
  'task-overtaken': {
    question: 'task-under-way',
    says: 'Another member holds the lock while a start as primary, a bootstrap or an orderly stop runs here: it is ended, and PostgreSQL is stopped at once.',
  },
  'task-gives-way': {
    question: 'task-under-way',
    says: 'A person ordered a new copy and said that whatever runs has to end first: it is cancelled.',
  },
  'source-lost': {
    question: 'source-of-copy',
    says: 'The member that is copied or rewound from leads no more, so its PostgreSQL is stopped or gone: the copy or rewind is cancelled.',
  },

  'lock-lost': {
    question: 'lock-loss',
    says: 'Another member holds the lock while PostgreSQL here can still write: fence first, ask later.',
  },
  'lock-deleted-by-hand': {
    question: 'lock-loss',
    says: 'An unbroken chain of views shows that my lock was deleted and nobody took it: it is created again while the lease still runs.',
  },
  'lock-vanished': {
    question: 'lock-loss',
    says: 'The lock is no longer proven mine and the views in between are not complete: somebody may have held it, so PostgreSQL stops.',
  },
  'lease-running-out': {
    question: 'store-loss',
    says: 'The store has not confirmed the lease and its deadline is near: PostgreSQL stops in time.',
  },
  'failsafe-ask': {
    question: 'failsafe',
    says: 'The store does not confirm the lease, and failsafe mode is on: every other member is asked to leave the lead to this primary.',
  },
  'failsafe-asking': {
    question: 'failsafe',
    says: 'The members were asked whether this primary may go on without the store, and have a moment left to answer.',
  },
  'failsafe-refused': {
    question: 'failsafe',
    says: 'A member refuses, or is silent: this primary goes on only until its deadline, and asks again before it.',
  },
  'failsafe-agreed': {
    question: 'failsafe',
    says: 'Every other member leaves the lead to this primary for one ttl: its deadline moves as if the store had renewed it.',
  },
  'failsafe-lead': {
    question: 'failsafe',
    says: 'The store does not confirm the lease, and all members agree: this primary goes on.',
  },
  'failsafe-lead-again': {
    question: 'failsafe',
    says: 'The store answers again, the lock has run out, and all members left it to this primary: it takes the lock again.',
  },
  'failsafe-promised': {
    question: 'failsafe-promise',
    says: 'Nobody holds the lock, and this member has promised to leave it to a leader that the store did not answer, or may have before its agent was restarted.',
  },
  'store-lost-replica': {
    question: 'store-loss',
    says: 'The store does not answer: a replica goes on following as before.',
  },
  'store-lost-primary': {
    question: 'store-loss',
    says: 'A primary runs here without a lease, and the store does not answer, or no proof of the lock comes: somebody else may lead by now, so it stops.',
  },
  'store-lost-restart-readonly': {
    question: 'store-loss',
    says: 'The store does not answer and PostgreSQL is down: it is started read-only and follows nobody.',
  },

  'pause-leave-alone': { question: 'pause', says: 'The cluster is paused: nothing is stopped, started or promoted.' },
  'pause-release': {
    question: 'pause',
    says: 'Paused, and the lock is mine without a running primary: the lock is given up.',
  },
  'pause-foreign-cluster': {
    question: 'pause',
    says: 'Paused, and the data directory belongs to another cluster than the store says: the lock, if it is mine, is given up.',
  },
  'pause-keep-lock': { question: 'pause', says: 'Paused, and this is the primary with the lock: it keeps the lock.' },
  'pause-take-lock': {
    question: 'pause',
    says: 'Paused, nobody holds the lock, and a primary runs here: it takes the lock.',
  },

  'leaving-sync-set': {
    question: 'leaving',
    says: 'Commits wait for this standby, which is about to stop: its leader is to wait for others first.',
  },
  'leaving-stop': {
    question: 'leaving',
    says: 'The agent was asked to stop: PostgreSQL is stopped in good order first.',
  },
  'leaving-release': {
    question: 'leaving',
    says: 'PostgreSQL is down: the lock is released with its last position, so that others need not wait.',
  },
  'leaving-publish': { question: 'leaving', says: 'The last member value is on its way to the store.' },
  'leaving-exit': { question: 'leaving', says: 'Everything is handed over: the agent ends.' },

  'rest-guardian': {
    question: 'guardian-rest',
    says: 'PostgreSQL is down or a standby and the lock is not mine: the guardian rests, so that it does not end what is started next.',
  },
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
    says: 'The claim to create the cluster is older than one ttl, and no living member is at it: the claim is removed.',
  },
  'create-cluster': {
    question: 'bootstrap',
    says: 'The right to create the cluster and its first lock are mine: initdb, start, roles.',
  },
  'first-lock': {
    question: 'bootstrap',
    says: 'The right to create the cluster is mine: the lock is taken before anything starts, so that the first start is guarded.',
  },
  'bootstrap-failed': {
    question: 'bootstrap',
    says: 'Creating the cluster failed: the directory is set aside, the claim removed, the agent ends.',
  },
  'copy-without-leader': {
    question: 'bootstrap',
    says: 'The directory is empty, nobody leads, and a method of `create_replica_methods` needs nobody (`no_leader`): it copies a backup or an archive.',
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
    says: 'The lock is mine, PostgreSQL is down and was not primary under it: it starts read-only and is promoted next.',
  },
  'demote-cluster': {
    question: 'demote-cluster',
    says: 'The cluster follows another one and PostgreSQL here can write: it is stopped in good order, its last WAL is archived, and the lock stays.',
  },

  'give-up-crashed-primary': {
    question: 'crashed-primary',
    says: 'The crashed primary did not come back in time, and another member can take over: the lock is given up.',
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
    says: 'A running standby diverged from the leader: it is stopped to be rewound or copied.',
  },
  'stop-to-copy': {
    question: 'rewind-or-new-copy',
    says: 'The leader has removed the WAL that this standby needs next: it is stopped for a new base backup.',
  },
  'starved-needs-operator': {
    question: 'rewind-or-new-copy',
    says: 'The leader has removed the WAL that this standby needs next, and nothing allows a new copy: a person has to decide.',
  },
  'start-fresh-copy': { question: 'rewind-or-new-copy', says: 'A fresh base backup lies here: it starts and follows.' },
  'start-follow': {
    question: 'rewind-or-new-copy',
    says: 'The directory fits the leader’s history: it starts as its replica.',
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
    says: 'A person ordered a new copy in place of what lies here: a base backup of the leader.',
  },
  'restart-ordered': {
    question: 'ordered-restart',
    says: 'A person ordered a restart: PostgreSQL stops in good order and starts again; a primary keeps its lock meanwhile.',
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

  'recheck-after-acquire': {
    question: 'when-to-promote',
    says: 'The lock is mine: the peers are asked once more before promoting.',
  },
  'outrun-after-acquire': {
    question: 'when-to-promote',
    says: 'After acquiring, a peer turned out to be ahead or still primary: the lock is given back.',
  },
  'lease-too-short-to-promote': {
    question: 'when-to-promote',
    says: 'The lease ends too soon, or no guardian is ready: no promotion under it.',
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
    says: 'PostgreSQL was told to promote three times and did not, and another member can take over: it is stopped, and the lock is given up next.',
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
  follow: { question: 'whom-to-follow', says: 'Another member leads: follow it.' },
  'change-upstream': {
    question: 'whom-to-follow',
    says: 'The upstream in force is not the wanted one: it is changed by a reload.',
  },
  'copy-logical-slots': {
    question: 'copy-slots',
    says: 'The leader has permanent logical slots that this standby lacks, and what their consumers have confirmed is replayed here: their state is copied, with a restart.',
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
    says: 'The lock is gone, and the member that had it says in its key that it is a primary and not down, and does not answer: it may acknowledge writes until its lease would be over.',
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
} as const satisfies Record<string, { question: string; says: string }>;

export type RuleId = keyof typeof rules;
