import type { HistoryEvent } from '../../domain/history-event.ts';
import type { JsonObject } from '../../domain/json.ts';
import { textForm } from '../../domain/text-form.ts';
import { wallTime } from '../../domain/time.ts';
import type { ToldDecision, ToldRace, ToldRoleChange, ToldStanding } from '../../wire/rest/read-decision.ts';
import { eventLine } from '../events/event-line.ts';
import { renderTable } from '../list/table.ts';
import { localTime } from '../local-time.ts';
import type { Painter } from '../paint.ts';

export type Explained = {
  readonly cluster: string;
  readonly member: string;
  readonly leader: string | null;
  readonly told: ToldDecision;
  /** The last one that its agent told of, where that may be why it waits. */
  readonly trouble: HistoryEvent | null;
  /** What a rule says in words; `null`: an agent of another version has rules that are not known here. */
  readonly ruleSays: (rule: string) => string | null;
};

/** Why is this member what it is? In paragraphs: what it is, how it came to that, and what it does now. */
export function renderWhy(explained: Explained): string {
  const { cluster, member, leader, told, trouble } = explained;
  const isLeader = member === leader;
  const elsewhere = leader === null ? 'nobody leads' : `${leader} leads`;
  const first = isLeader
    ? `${member} leads cluster ${cluster}.`
    : `${member} does not lead cluster ${cluster}: ${elsewhere}.`;
  const { race, roleChange } = told;
  const took = race !== null && race.outcome === 'won' && (isLeader || roleChange?.to === 'primary') ? race : null;
  const paragraphs = [
    first,
    ...(took === null ? [] : [describeRace(member, took, explained)]),
    describeChange(member, { roleChange, tookTheLock: took !== null }, explained),
    describeNow(told, explained),
    ...(trouble === null ? [] : [`The last trouble that it told of:\n${eventLine(trouble, unpainted)}`]),
  ];
  return paragraphs.map((each) => `${each.trimEnd()}\n`).join('\n');
}

const unpainted: Painter = (_style, text) => text;

/** Who led before and how that ended, the rule, and everybody that was in the race. */
function describeRace(member: string, race: ToldRace, explained: Explained): string {
  const lines = [
    `${shortTime(race.at)} it took the lock by ${byRule(race, explained)}`,
    formerLeader(race),
    ...(race.unledMs === null ? [] : [`Nobody had the lock for ${span(race.unledMs)}.`]),
    'Candidates:',
  ];
  return `${lines.filter((each) => each !== '').join('\n')}\n${candidates(member, race)}`;
}

function formerLeader({ formerLeader: former, formerEnd, renewedBeforeMs }: ToldRace): string {
  if (former === null) return 'Nobody was seen leading before.';
  if (formerEnd === 'lease-ended') {
    const renewed = renewedBeforeMs === null ? '' : `: it was last renewed at least ${span(renewedBeforeMs)} before`;
    return `Before, ${former} led, and its lease ended${renewed}.`;
  }
  return formerEnd === 'lock-removed'
    ? `Before, ${former} led, and its lock was given up or deleted while its lease still ran.`
    : `Before, ${former} led; how that ended was not seen.`;
}

function candidates(member: string, { own, others }: ToldRace): string {
  const columns = [
    { header: 'Member', align: 'left' },
    { header: 'TL', align: 'right' },
    { header: 'LSN', align: 'right' },
    { header: 'Lost because', align: 'left' },
  ] as const;
  const cells = ({ name, timeline, lsn }: ToldStanding, lost: string): readonly string[] => {
    return [name, timeline === null ? '' : String(timeline), lsn ?? 'unknown', lost];
  };
  const rows = [cells({ ...own, name: member }, '(won)'), ...others.map((each) => cells(each, each.because))];
  return renderTable({ title: '', columns, rows });
}

function describeChange(
  member: string,
  { roleChange, tookTheLock }: { readonly roleChange: ToldRoleChange | null; readonly tookTheLock: boolean },
  explained: Explained,
): string {
  if (roleChange === null) {
    return tookTheLock
      ? `Its PostgreSQL was a primary already.`
      : `Since its agent started, ${member} has not become or ceased to be a primary.`;
  }
  const { to, at } = roleChange;
  const what = to === 'primary' ? 'its PostgreSQL became a primary' : 'its PostgreSQL ceased to be a primary';
  return `${shortTime(at)} ${what} by ${byRule(roleChange, explained)}`;
}

function describeNow(told: ToldDecision, explained: Explained): string {
  const { refused, waitsFor, since } = told;
  const from = since === null ? 'Now' : `Since ${shortTime(since)}`;
  return [
    `${from} it goes by ${byRule(told, explained)}`,
    ...(waitsFor === null ? [] : [`It waits for ${waitsFor}.`]),
    ...refused.map(({ alternative, because }) => `Not ${alternative}: ${because}.`),
  ].join('\n');
}

/** Its name, the facts that it acted on, and what it says. */
function byRule(
  { rule, facts }: { readonly rule: string; readonly facts: JsonObject },
  { ruleSays }: Explained,
): string {
  const says = ruleSays(rule);
  return `rule ${rule}${factsText(facts)}${says === null ? '.' : `: ${says}`}`;
}

/** In brackets behind the rule; nothing when there are none. */
function factsText(facts: JsonObject): string {
  const told = Object.entries(facts).filter(([, value]) => value !== null);
  return told.length === 0 ? '' : ` (${told.map(([name, value]) => `${name}: ${textForm(value)}`).join(', ')})`;
}

function span(milliseconds: number): string {
  if (milliseconds < 1_000) return `${milliseconds} ms`;
  const seconds = milliseconds / 1_000;
  return `${seconds < 60 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}

/** ISO 8601 as this host's clock shows it. */
function shortTime(iso: string): string {
  const at = Date.parse(iso);
  return Number.isNaN(at) ? iso : localTime(wallTime(at));
}
