import type { RuleText } from './rule-text.ts';

/** What comes before all else: nothing writes without a lease, and nothing is done blindly, twice, or against a pause. */
export const rulesOfKeeping = {
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
    says: 'Another member holds the lock while a start as primary, a bootstrap or an orderly stop that is not being enforced yet runs here: it is ended, and PostgreSQL is stopped at once.',
  },
  'task-against-demotion': {
    question: 'task-under-way',
    says: 'The cluster was made to follow another one while a start as primary runs here, or a start or restart as a standby of a member, which may be a copy of the remote by then: it is cancelled.',
  },
  'task-gives-way': {
    question: 'task-under-way',
    says: 'A person ordered a new copy and said that whatever runs has to end first: it is cancelled.',
  },
  'source-lost': {
    question: 'source-of-copy',
    says: 'The member that is copied or rewound from leads no more, so its PostgreSQL is stopped or gone; or the copy may lack what was acknowledged, and the sync key names this member by now: the copy or rewind is cancelled.',
  },
  'lock-lost': {
    question: 'lock-loss',
    says: 'Another member holds the lock while PostgreSQL here can still write: fence first, ask later. So after an orderly stop that was broken off for it, without another look.',
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
    says: 'Nobody else holds the lock, and this member has promised to leave it to a leader that the store did not answer, or may have before its agent was restarted (`isPerhaps`). Whom an operator names makes that leader no other promise (`isLetGo`), so that this lasts no longer than one ttl.',
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
    says: 'Paused, nobody holds the lock, and a primary runs here that neither the history nor the sync key says was left behind: it takes the lock.',
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
} as const satisfies Record<string, RuleText>;
