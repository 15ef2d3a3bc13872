import { type ClusterOverview, clusterOverview, type MemberOverview } from '../../domain/cluster-overview.ts';
import type { Initialize } from '../../domain/cluster-view.ts';
import { assertNever } from '../../domain/invariant.ts';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json.ts';
import { textForm } from '../../domain/text-form.ts';
import { renderSpacedJson } from '../../wire/rest/spaced-json.ts';
import { renderYaml, renderYamlFlow } from '../../wire/yaml-text.ts';
import type { Grouping, GroupView } from '../groups.ts';
import { type ListColumn, listColumns } from './columns.ts';
import { renderFooter } from './footer.ts';
import type { ListFormat } from './formats.ts';
import { doHostsNeedPorts, type ListRow, listRow } from './rows.ts';
import { renderTable } from './table.ts';
import { type Placed, treeOrder } from './tree.ts';

export type ListedCluster = {
  readonly name: string;
  readonly groups: readonly GroupView[];
  readonly grouping: Grouping;
  readonly format: ListFormat;
  /** Show the optional columns even when nobody has a value for them. */
  readonly extended: boolean;
  /** `tree`: followers below whom they follow (`topology`). */
  readonly order: 'names' | 'tree';
};

/** Everything that `list` prints for one cluster, its last line break included (spec/ctl.md 6 and 7). */
export function renderList(cluster: ListedCluster): string {
  const groups = cluster.groups.map(({ group, view }) => ({ group, overview: clusterOverview(view) }));
  const hostsNeedPorts = doHostsNeedPorts(groups.flatMap(({ overview }) => overview.members));
  const placed = groups.flatMap(({ group, overview }) =>
    (cluster.order === 'tree' ? treeOrder(overview) : overview.members.map(unplaced)).map((each) => {
      return { ...each, row: listRow(each.member, { group, hostsNeedPorts }) };
    }),
  );
  const rows = withPlaces(placed, cluster);
  // A member without an address is not there yet: what it published opens no column.
  const telling = placed.filter(({ member }) => member.address !== null);
  const columns = listColumns.filter(({ name, isOptional }) =>
    name === 'Group'
      ? cluster.grouping.kind !== 'none'
      : !isOptional || cluster.extended || telling.some(({ row }) => row[name] !== ''),
  );
  switch (cluster.format) {
    case 'pretty':
      return renderPretty(cluster, columns, rows) + renderFooters(cluster, groups);
    case 'tsv':
      return renderTsv(cluster, columns, rows);
    case 'json':
      return `${renderSpacedJson(withFollowed(objects(cluster, columns, rows), placed, cluster))}\n`;
    case 'yaml':
    case 'yml':
      return `${renderYaml(objects(cluster, columns, rows))}\n`;
    default:
      return assertNever(cluster.format);
  }
}

/** Below a table of several groups each footer says whose it is. */
function renderFooters(
  { grouping }: ListedCluster,
  groups: readonly { readonly group: number | null; readonly overview: ClusterOverview }[],
): string {
  return groups
    .map(({ group, overview }) => {
      const footer = renderFooter(overview);
      return footer === '' || grouping.kind !== 'all' ? footer : `Citus group: ${group}\n${footer}`;
    })
    .join('');
}

function unplaced(member: MemberOverview): Placed {
  return { member, level: 0, follows: null };
}

/** People see the tree by blanks before the name. */
function withPlaces(placed: readonly PlacedRow[], { order, format }: ListedCluster): Rows {
  if (order === 'names' || format !== 'pretty') return placed.map(({ row }) => row);
  return placed.map(({ row, level }) =>
    level === 0 ? row : { ...row, Member: `${'  '.repeat(level - 1)}+ ${textForm(row.Member)}` },
  );
}

type PlacedRow = Placed & { readonly row: ListRow };
type Columns = readonly ListColumn[];
type Rows = readonly ListRow[];

/** The group of a table of one is in its title. */
function renderPretty(cluster: ListedCluster, columns: Columns, rows: Rows): string {
  const shown = cluster.grouping.kind === 'one' ? columns.filter(({ name }) => name !== 'Group') : columns;
  const cell = (row: ListRow, column: ListColumn): string => prettyCell(row, column, cluster.order);
  const cells = rows.map((row) => shown.map((column) => cell(row, column)));
  return renderTable({ title: titleOf(cluster), columns: shown, rows: cells });
}

function titleOf({ name, groups, grouping }: ListedCluster): string {
  if (grouping.kind === 'all') return ` Citus cluster: ${name} `;
  const id = identity(groups[0]?.view.initialize ?? { kind: 'absent' });
  return grouping.kind === 'none'
    ? ` Cluster: ${name} (${id}) `
    : ` Citus cluster: ${name} (group: ${grouping.group}, ${id}) `;
}

function identity(initialize: Initialize): string {
  switch (initialize.kind) {
    case 'absent':
      return 'uninitialized';
    case 'in-progress':
      return 'initializing';
    case 'initialized':
      return initialize.systemId;
    case 'invalid':
      return initialize.text;
  }
}

function prettyCell(row: ListRow, { name }: ListColumn, order: ListedCluster['order']): string {
  const value = row[name];
  if (isJsonObject(value)) return order === 'tree' ? renderYamlFlow(value) : renderYaml(value).trimEnd();
  return name === 'Pending restart reason' ? withoutLongLines(textForm(value)) : textForm(value);
}

function withoutLongLines(reason: string): string {
  const shown = (line: string): string =>
    line.length <= REASON_LINE_MAX ? line : `${line.split(':')[0] ?? ''}: [hidden - too long]`;
  return reason.split('\n').map(shown).join('\n');
}

const REASON_LINE_MAX = 50;

/** Line breaks inside a value stay: scripts split at tabs. */
function renderTsv({ name }: ListedCluster, columns: Columns, rows: Rows): string {
  const header = ['Cluster', ...columns.map((column) => column.name)];
  const lines = rows.map((row) => [name, ...columns.map((column) => tsvCell(row[column.name]))]);
  return [header, ...lines].map((cells) => `${cells.join('\t')}\n`).join('');
}

function tsvCell(value: Json): string {
  return isJsonObject(value) ? renderYamlFlow(value) : textForm(value);
}

/** Programs learn the tree from a field of its own. */
function withFollowed(
  listed: readonly JsonObject[],
  placed: readonly Placed[],
  { order }: ListedCluster,
): readonly JsonObject[] {
  if (order === 'names') return listed;
  return listed.map((each, index) => ({ ...each, Follows: placed[index]?.follows ?? null }));
}

/** For programs: what would print as empty is left out. */
function objects({ name }: ListedCluster, columns: Columns, rows: Rows): readonly JsonObject[] {
  return rows.map((row) => {
    const fields = columns.map((column): readonly [string, Json] => [column.name, row[column.name]]);
    return { Cluster: name, ...Object.fromEntries(fields.filter(([, value]) => value !== '')) };
  });
}
