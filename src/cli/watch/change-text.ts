import { formatLsn } from '../../domain/lsn.ts';
import { textForm } from '../../domain/text-form.ts';
import type { EventRow } from '../../terminal/event-rows.ts';
import type { ToldDecision, ToldRace } from '../../wire/rest/read-decision.ts';
import type { Change } from './changes.ts';

/** A change for people: whose it is, and what. */
export function changeText(change: Change): Pick<EventRow, 'who' | 'text' | 'tone'> {
  switch (change.kind) {
    case 'leader':
      return leaderText(change);
    case 'member': {
      const { name, role, state, timeline } = change.member;
      const where = timeline === null ? '' : `, timeline ${timeline}`;
      return { who: name, text: `${role}, ${state}${where}`, tone: 'plain' };
    }
    case 'gone':
      return { who: change.name, text: 'its key ended with its lease', tone: 'bad' };
    case 'silent':
      return { who: change.name, text: `its agent does not answer: ${change.why}`, tone: 'bad' };
    case 'answers':
      return { who: change.name, text: 'its agent answers again', tone: 'plain' };
    case 'rule':
      return { who: change.name, text: ruleText(change.told), tone: 'plain' };
    case 'role-change': {
      const { name, told } = change;
      const isPrimary = told.to === 'primary';
      const what = isPrimary ? 'became a primary' : 'ceased to be a primary';
      return { who: name, text: `${what}, ${byRule(told)}`, tone: isPrimary ? 'good' : 'bad' };
    }
    case 'race':
      return { who: change.name, text: raceText(change.told), tone: change.told.outcome === 'won' ? 'good' : 'bad' };
    case 'timeline': {
      const { timeline, lsn, reason, leader } = change.line;
      const after = leader === null ? '' : `, ${leader} led next`;
      return { who: '', text: `timeline ${timeline} ended at ${formatLsn(lsn)}${after}: ${reason}`, tone: 'plain' };
    }
    case 'pause':
      return { who: '', text: change.isPaused ? 'paused' : 'not paused any more', tone: 'ours' };
    case 'schedule':
      return { who: '', text: scheduleText(change.scheduled), tone: 'ours' };
    case 'store':
      return change.silence === null
        ? { who: 'store', text: 'answers again', tone: 'good' }
        : { who: 'store', text: `does not answer: ${change.silence}`, tone: 'bad' };
  }
}

/** A switchover that waits for its time. */
export function scheduleText(scheduled: (Change & { readonly kind: 'schedule' })['scheduled']): string {
  if (scheduled === null) return 'no switchover is scheduled any more';
  const from = scheduled.from === null ? '' : ` from ${scheduled.from}`;
  const to = scheduled.to === null ? '' : ` to ${scheduled.to}`;
  return `switchover scheduled at ${scheduled.at}${from}${to}`;
}

function leaderText({ leader, before }: Change & { readonly kind: 'leader' }): Pick<EventRow, 'who' | 'text' | 'tone'> {
  const was = before === null || before === leader ? '' : ` (before: ${before})`;
  if (leader === null) return { who: 'lock', text: `nobody has it${was}`, tone: 'bad' };
  return { who: leader, text: `has the lock${was}`, tone: 'good' };
}

function ruleText(told: ToldDecision): string {
  const waits = told.waitsFor === null ? '' : `; waits for ${told.waitsFor}`;
  return `acts ${byRule(told)}${waits}`;
}

/** Who led before and how that ended, and why the others did not get it. */
function raceText(race: ToldRace): string {
  const what = race.outcome === 'won' ? 'took the lock' : 'did not get the lock';
  const ended = formerEnds.get(race.formerEnd ?? '') ?? 'how that ended was not seen';
  const former = race.formerLeader === null ? '' : `; ${race.formerLeader} led before, ${ended}`;
  const unled = race.unledMs === null ? '' : `; nobody led for ${(race.unledMs / 1000).toFixed(2)} s`;
  const others = race.others.map(({ name, because }) => `; not ${name}: ${because}`).join('');
  return `${what}, ${byRule(race)}${former}${unled}${others}`;
}

const formerEnds: ReadonlyMap<string, string> = new Map([
  ['lease-ended', 'its lease ended'],
  ['lock-removed', 'its lock was given up'],
]);

/** `by the rule promote: how=race`, as the playground says it. */
function byRule({ rule, facts }: Pick<ToldDecision, 'rule' | 'facts'>): string {
  const told = Object.entries(facts).filter(([, value]) => value !== null);
  const list = told.map(([name, value]) => `${name}=${textForm(value)}`).join(' ');
  return `by the rule ${rule}${list === '' ? '' : `: ${list}`}`;
}
