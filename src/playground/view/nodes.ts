import { formatLsn } from '../../domain/lsn.ts';
import { lagText } from '../../terminal/figures.ts';
import type { Line, Style } from '../../terminal/line.ts';
import { tableRow } from '../../terminal/table.ts';
import { isLeader, isWhole } from '../model/health.ts';
import type { Model, NodeModel } from '../model/model.ts';
import type { NodeName } from '../names.ts';

/** The members: what each is, how far it is, and what its agent does by which rule. They never change places. */
export function nodeRows(
  model: Model,
  { chosen, columns }: { readonly chosen: NodeName | null; readonly columns: number },
): readonly Line[] {
  const titles = ['', 'NODE', 'ROLE', 'STATE', 'TL', 'LSN', 'LAG', 'DOES'];
  const leader = model.nodes.find((node) => isAnswering(node) && node.answer !== null && isLeader(node.answer.said));
  const spans = widthsFor(columns);
  return [
    tableRow(titles, { widths: spans, style: 'dim' }),
    ...model.nodes.map((node) =>
      nodeRow(node, { leader: leader ?? null, isChosen: node.name === chosen, widths: spans }),
    ),
  ];
}

/** A wide screen has room for longer states. */
function widthsFor(columns: number): readonly number[] {
  const isWide = columns >= 100;
  return isWide ? [3, 7, 18, 24, 4, 12, 10, columns - 78] : [3, 7, 17, 13, 4, 11, 9, Math.max(8, columns - 64)];
}

function nodeRow(
  node: NodeModel,
  {
    leader,
    isChosen,
    widths,
  }: { readonly leader: NodeModel | null; readonly isChosen: boolean; readonly widths: readonly number[] },
): Line {
  const said = node.answer?.said;
  const isLeading = leader?.name === node.name;
  const known = isAnswering(node) ? said : undefined;
  const doing = [known?.doing?.rule, known?.doing?.waitsFor].filter((each) => each !== undefined && each !== null);
  const cells = [
    `${isChosen ? '>' : ' '}${isLeading ? '*' : ''}`,
    node.name,
    roleOf(node, leader),
    stateOf(node),
    String(said?.timeline ?? ''),
    said?.lsn === undefined || said.lsn === null ? '' : formatLsn(said.lsn),
    isLeading ? '' : lagOf(node, leader),
    doing.join(': '),
  ];
  return tableRow(cells, { widths, style: styleOf(node, isLeading) });
}

function roleOf(node: NodeModel, leader: NodeModel | null): string {
  const said = node.answer?.said;
  if (said === undefined) return '';
  // One that is cut off does not know yet that nothing comes any more.
  const isFed = isWhole(node) && isAnswering(node) && said.replication === 'streaming' && leader !== null;
  return isFed ? `${said.role} of ${leader.name}` : said.role;
}

/** What was done to it says more than what it says of itself. */
function stateOf(node: NodeModel): string {
  const { condition, answer } = node;
  if (condition.agent === 'gone') return answer === null ? 'starting' : 'down';
  if (condition.agent === 'frozen') return condition.network === 'cut' ? 'frozen, cut' : 'agent frozen';
  if (condition.network === 'cut') return 'cut off';
  if (answer === null) return 'starting';
  if (!isAnswering(node)) return 'no answer';
  const { state, replication } = answer.said;
  return state === 'running' && replication === 'streaming' ? 'streaming' : state;
}

function styleOf(node: NodeModel, isLeading: boolean): Style {
  if (node.condition.agent === 'gone') return node.answer === null ? 'dim' : 'bad';
  if (node.condition.agent === 'frozen' || node.condition.network === 'cut') return 'warn';
  if (!isAnswering(node)) return 'dim';
  return isLeading ? 'bold' : 'plain';
}

function lagOf(node: NodeModel, leader: NodeModel | null): string {
  const own = node.answer?.said.lsn ?? null;
  const its = leader?.answer?.said.lsn ?? null;
  if (own === null || its === null || !isAnswering(node)) return '?';
  return lagText({ ahead: its, behind: own });
}

function isAnswering(node: NodeModel): boolean {
  return node.silentSince === null && node.condition.agent === 'running';
}
