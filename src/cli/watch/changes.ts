import { clusterOverview, type ScheduledSwitchover } from '../../domain/cluster-overview.ts';
import type { HistoryLine } from '../../domain/cluster-view.ts';
import { type WallTime, wallTime } from '../../domain/time.ts';
import type { ToldDecision, ToldRace, ToldRoleChange } from '../../wire/rest/read-decision.ts';
import { isPaused } from '../leader-first.ts';
import { factsOf, type MemberFacts } from './member-facts.ts';
import type { Scene, WatchedMember } from './scene.ts';

/** Something that is different from the look before, or that an agent or the store tells of the time before it. */
export type Change = { readonly at: WallTime } & Changed;

export type Changed =
  | { readonly kind: 'leader'; readonly leader: string | null; readonly before: string | null }
  | { readonly kind: 'member'; readonly member: MemberFacts }
  | { readonly kind: 'gone'; readonly name: string }
  | { readonly kind: 'silent'; readonly name: string; readonly why: string }
  | { readonly kind: 'answers'; readonly name: string }
  | { readonly kind: 'rule'; readonly name: string; readonly told: ToldDecision }
  | { readonly kind: 'role-change'; readonly name: string; readonly told: ToldRoleChange }
  | { readonly kind: 'race'; readonly name: string; readonly told: ToldRace }
  | { readonly kind: 'timeline'; readonly line: HistoryLine }
  | { readonly kind: 'pause'; readonly isPaused: boolean }
  | { readonly kind: 'schedule'; readonly scheduled: ScheduledSwitchover | null }
  | { readonly kind: 'store'; readonly silence: string | null };

/** What a cluster has behind it at the first look: old timelines, and what agents remember; oldest first. */
export function pastOf(scene: Scene): readonly Change[] {
  const { history } = scene.view;
  const lines = history.kind === 'lines' ? history.lines.slice(-TIMELINES_SHOWN) : [];
  const ended = lines.flatMap((line): readonly Change[] => {
    const at = Date.parse(line.at ?? '');
    return Number.isNaN(at) ? [] : [{ at: wallTime(at), kind: 'timeline', line }];
  });
  const told = scene.members.flatMap((watched) => toldAnew(watched, null, scene.wallAt));
  return [...ended, ...told].toSorted((a, b) => a.at - b.at);
}

/** Older ones are for `history`. */
const TIMELINES_SHOWN = 5;

/** The first look as changes: what there is. */
export function presentOf(scene: Scene): readonly Change[] {
  const { wallAt: at } = scene;
  const leader = scene.view.lock?.holder ?? null;
  return [
    { at, kind: 'leader', leader, before: null },
    ...factsOf(scene).map((member): Change => ({ at, kind: 'member', member })),
    ...scene.members.flatMap((watched) => heard(watched, null).map((changed) => ({ at, ...changed }))),
    ...(isPaused(scene.view) ? [{ at, kind: 'pause', isPaused: true } as const] : []),
    ...scheduleChange(null, scene).map((changed) => ({ at, ...changed })),
  ];
}

/** What is different since the look before. */
export function changesSince(before: Scene, scene: Scene): readonly Change[] {
  const { wallAt: at } = scene;
  const earlier = new Map(before.members.map((each) => [each.member.name, each]));
  const told = scene.members.flatMap((watched) => toldAnew(watched, earlier.get(watched.member.name) ?? null, at));
  const seen: readonly Changed[] = [
    ...storeChange(before, scene),
    ...leaderChange(before, scene),
    ...memberChanges(before, scene),
    ...scene.members.flatMap((watched) => heard(watched, earlier.get(watched.member.name) ?? null)),
    ...(isPaused(before.view) === isPaused(scene.view)
      ? []
      : [{ kind: 'pause', isPaused: isPaused(scene.view) } as const]),
    ...scheduleChange(before, scene),
  ];
  return [...told.toSorted((a, b) => a.at - b.at), ...seen.map((changed) => ({ at, ...changed }))];
}

function storeChange(before: Scene, { storeSilence }: Scene): readonly Changed[] {
  if ((before.storeSilence === null) === (storeSilence === null)) return [];
  return [{ kind: 'store', silence: storeSilence?.why ?? null }];
}

function leaderChange(before: Scene, scene: Scene): readonly Changed[] {
  const [was, is] = [before.view.lock, scene.view.lock];
  if (was?.createRevision === is?.createRevision && was?.holder === is?.holder) return [];
  return [{ kind: 'leader', leader: is?.holder ?? null, before: was?.holder ?? null }];
}

function memberChanges(before: Scene, scene: Scene): readonly Changed[] {
  const earlier = new Map(factsOf(before).map((facts) => [facts.name, facts]));
  return factsOf(scene).flatMap((member): readonly Changed[] => {
    const was = earlier.get(member.name);
    if (was?.hasKey === true && !member.hasKey) return [{ kind: 'gone', name: member.name }];
    return was !== undefined && shown(was) === shown(member) ? [] : [{ kind: 'member', member }];
  });
}

/** Positions move all the time: that is no change. */
function shown({ role, state, timeline, hasKey }: MemberFacts): string {
  return [role, state, timeline, hasKey].join('\n');
}

/** Whether its agent answers, and by which rule it acts now. */
function heard({ member, silence, told }: WatchedMember, before: WatchedMember | null): readonly Changed[] {
  const { name } = member;
  if (silence !== null) return (before?.silence ?? null) === null ? [{ kind: 'silent', name, why: silence }] : [];
  const answers: readonly Changed[] = before === null || before.silence === null ? [] : [{ kind: 'answers', name }];
  const was = before?.told ?? null;
  const isNew = told !== null && (was?.rule !== told.rule || was.waitsFor !== told.waitsFor);
  return isNew ? [...answers, { kind: 'rule', name, told }] : answers;
}

/** A change of role, or a race for the lock, that its agent did not tell of before; each with its own moment. */
function toldAnew({ member, told }: WatchedMember, before: WatchedMember | null, seenAt: WallTime): readonly Change[] {
  const { name } = member;
  const [race, roleChange] = [told?.race ?? null, told?.roleChange ?? null];
  const was = before?.told ?? null;
  const isRaceOver = race !== null && race.outcome !== 'not-answered';
  const isRaceTold = race?.at === was?.race?.at && race?.outcome === was?.race?.outcome;
  return [
    ...(isRaceOver && !isRaceTold ? [{ at: momentOf(race.at, seenAt), kind: 'race', name, told: race } as const] : []),
    ...(roleChange !== null && roleChange.at !== was?.roleChange?.at
      ? [{ at: momentOf(roleChange.at, seenAt), kind: 'role-change', name, told: roleChange } as const]
      : []),
  ];
}

function momentOf(iso: string, seenAt: WallTime): WallTime {
  const at = Date.parse(iso);
  return Number.isNaN(at) ? seenAt : wallTime(at);
}

function scheduleChange(before: Scene | null, scene: Scene): readonly Changed[] {
  const was = before === null ? null : clusterOverview(before.view).scheduledSwitchover;
  const scheduled = clusterOverview(scene.view).scheduledSwitchover;
  const isSame = was?.at === scheduled?.at && was?.from === scheduled?.from && was?.to === scheduled?.to;
  return isSame ? [] : [{ kind: 'schedule', scheduled }];
}
