import { clusterOverview, type MemberOverview } from '../../domain/cluster-overview.ts';
import type { ClusterView, Initialize } from '../../domain/cluster-view.ts';
import { assertNever } from '../../domain/invariant.ts';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json.ts';
import { textForm } from '../../domain/text-form.ts';
import { renderSpacedJson } from '../../wire/rest/spaced-json.ts';
import { renderYaml, renderYamlFlow } from '../../wire/yaml-text.ts';
import { type ListColumn, listColumns } from './columns.ts';
import { renderFooter } from './footer.ts';
import type { ListFormat } from './formats.ts';
import { type ListRow, listRows } from './rows.ts';
import { renderTable } from './table.ts';
import { type Placed, treeOrder } from './tree.ts';

export type ListedCluster = {
  readonly name: string;
  readonly view: ClusterView;
  readonly format: ListFormat;
  /** Show the optional columns even when nobody has a value for them. */
  readonly extended: boolean;
  /** `tree`: followers below whom they follow (`topology`). */
  readonly order: 'names' | 'tree';
};

/** Everything that `list` prints for one cluster, its last line break included (spec/ctl.md 6 and 7). */
export function renderList(cluster: ListedCluster): string {
  const overview = clusterOverview(cluster.view);
  const ordered = cluster.order === 'tree' ? treeOrder(overview) : overview.members.map(unplaced);
  const rows = withPlaces(listRows({ ...overview, members: ordered.map(({ member }) => member) }), ordered, cluster);
  // A member without an address is not there yet: what it published opens no column.
  const telling = rows.filter((_row, index) => ordered[index]?.member.address !== null);
  const columns = listColumns.filter(
    ({ name, isOptional }) => !isOptional || cluster.extended || telling.some((row) => row[name] !== ''),
  );
  switch (cluster.format) {
    case 'pretty':
      return renderPretty(cluster, columns, rows) + renderFooter(overview);
    case 'tsv':
      return renderTsv(cluster, columns, rows);
    case 'json':
      return `${renderSpacedJson(withFollowed(objects(cluster, columns, rows), ordered, cluster))}\n`;
    case 'yaml':
    case 'yml':
      return `${renderYaml(objects(cluster, columns, rows))}\n`;
    default:
      return assertNever(cluster.format);
  }
}

function unplaced(member: MemberOverview): Placed {
  return { member, level: 0, follows: null };
}

/** People see the tree by blanks before the name. */
function withPlaces(rows: Rows, placed: readonly Placed[], { order, format }: ListedCluster): Rows {
  if (order === 'names' || format !== 'pretty') return rows;
  return rows.map((row, index) => {
    const level = placed[index]?.level ?? 0;
    return level === 0 ? row : { ...row, Member: `${'  '.repeat(level - 1)}+ ${textForm(row.Member)}` };
  });
}

type Columns = readonly ListColumn[];
type Rows = readonly ListRow[];

function renderPretty({ name, view, order }: ListedCluster, columns: Columns, rows: Rows): string {
  const title = ` Cluster: ${name} (${identity(view.initialize)}) `;
  const cell = (row: ListRow, column: ListColumn): string => prettyCell(row, column, order);
  return renderTable({ title, columns, rows: rows.map((row) => columns.map((column) => cell(row, column))) });
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
