import type {
  FollowerPosition,
  FollowerPositions,
  MemberOverview,
  RoleInCluster,
} from '../../domain/cluster-overview.ts';
import { isJsonObject, type Json } from '../../domain/json.ts';
import { formatLsn } from '../../domain/lsn.ts';
import { isTruthy } from '../../domain/tags.ts';
import { textForm } from '../../domain/text-form.ts';
import type { ListColumn } from './columns.ts';

/** One member as a table has it. An empty text is an empty cell; `Tags` is still a map. */
export type ListRow = Readonly<Record<ListColumn['name'], Json>>;

/** `hostsNeedPorts`: an address is shown with its port. */
export type RowOptions = { readonly group: number | null; readonly hostsNeedPorts: boolean };

export function listRow(member: MemberOverview, { group, hostsNeedPorts }: RowOptions): ListRow {
  const positions = positionsShown(member);
  return {
    Group: group ?? '',
    Member: member.name,
    Host: hostText(member, hostsNeedPorts),
    Role: roleTexts[member.role],
    State: member.state,
    TL: member.timeline ?? '',
    'Receive LSN': lsnText(positions?.receive),
    'Receive Lag': lagText(positions?.receive),
    'Replay LSN': lsnText(positions?.replay),
    'Replay Lag': lagText(positions?.replay),
    'Pending restart': member.pendingRestart ? '*' : '',
    'Pending restart reason': pendingRestartReason(member),
    'Scheduled restart': scheduledRestart(member),
    Tags: Object.keys(member.tags).length > 0 ? member.tags : '',
  };
}

const roleTexts: Readonly<Record<RoleInCluster, string>> = {
  leader: 'Leader',
  standby_leader: 'Standby Leader',
  sync_standby: 'Sync Standby',
  quorum_standby: 'Quorum Standby',
  replica: 'Replica',
};

/** All of them show their port as soon as one of them cannot be told apart without it. */
export function doHostsNeedPorts(members: readonly MemberOverview[]): boolean {
  const addresses = members.flatMap(({ address }) => (address === null ? [] : [address]));
  const hosts = new Set(addresses.map(({ host }) => host));
  return hosts.size < addresses.length || addresses.some(({ port }) => port !== DEFAULT_PORT);
}

const DEFAULT_PORT = 5432;

function hostText({ address }: MemberOverview, needsPort: boolean): string {
  if (address === null) return '';
  return needsPort ? `${address.host}:${address.port}` : address.host;
}

/** Agents older than 4.1 publish one position: what a streaming member received, or what another one replayed. */
function positionsShown({ positions, state }: MemberOverview): FollowerPositions | null {
  if (positions === null || positions.receive.kind === 'known' || positions.replay.kind === 'known') return positions;
  return state === 'streaming'
    ? { ...positions, receive: positions.furthest }
    : { ...positions, replay: positions.furthest };
}

/** Empty for the leader, which is behind nobody. */
function lsnText(position: FollowerPosition | undefined): string {
  if (position === undefined) return '';
  return position.kind === 'known' ? formatLsn(position.lsn) : 'unknown';
}

function lagText(position: FollowerPosition | undefined): bigint | '' {
  return position?.kind === 'known' ? megabytes(position.lagBytes) : '';
}

/** Whole ones, halves to the even neighbour: 0.5 MB is 0, 1.5 MB is 2. */
function megabytes(bytes: bigint): bigint {
  const whole = bytes / MEGABYTE;
  const rest = bytes % MEGABYTE;
  if (rest * 2n === MEGABYTE) return whole + (whole % 2n);
  return rest * 2n > MEGABYTE ? whole + 1n : whole;
}

const MEGABYTE = 1_048_576n;

function pendingRestartReason({ pendingRestartReason: reason }: MemberOverview): string {
  return Object.entries(reason ?? {})
    .map(([setting, change]) => {
      const values = isJsonObject(change) ? change : {};
      return `${setting}: ${textForm(values['old_value'] ?? null)}->${textForm(values['new_value'] ?? null)}`;
    })
    .join('\n');
}

function scheduledRestart({ scheduledRestart: scheduled }: MemberOverview): string {
  if (scheduled === null) return '';
  const version = scheduled['postgres_version'];
  const condition = isTruthy(version) ? ` if version < ${textForm(version ?? null)}` : '';
  return `${textForm(scheduled['schedule'] ?? null)}${condition}`;
}
