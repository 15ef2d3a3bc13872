import type { ClusterView, StoredConfig } from '../../domain/cluster-view.ts';
import { deepEqual } from '../../domain/deep-equal.ts';
import { saysNothing } from '../../domain/dynamic-config.ts';
import type { JsonObject } from '../../domain/json.ts';
import { storeKey } from '../../domain/names.ts';
import { timingAdjustments } from '../../domain/timings.ts';
import { ignoredValues, readDynamicConfig } from '../../wire/config/dynamic.ts';
import { renderSpacedJson } from '../../wire/rest/spaced-json.ts';
import { renderYaml } from '../../wire/yaml-text.ts';
import type { EditedFile, ExitCode, OperatorLine } from '../command-line.ts';
import { givenText } from '../given-text.ts';
import { type Colour, painter } from '../paint.ts';
import { confirm } from '../prompts.ts';
import { isStop, type Stop, stop } from '../stop.ts';
import { codeOfFailure, type Tool } from '../tool.ts';
import { type Cluster, type ClusterOptions, withCluster } from '../with-cluster.ts';
import { changedConfig, readConfigText, type WantedChange } from './change.ts';
import { unifiedDiff } from './unified-diff.ts';

export type EditConfigOptions = ClusterOptions & {
  readonly tool: Tool;
  /** `json`: one object at the end, and nothing else on standard output. */
  readonly format: 'text' | 'json';
  /** `-`: standard input. */
  readonly replaceFile: string | null;
  readonly applyFile: string | null;
  readonly set: readonly string[];
  readonly parameters: readonly string[];
  readonly quiet: boolean;
  readonly force: boolean;
};

/** `edit-config`: change the dynamic configuration, by options, by files or in an editor (spec/ctl.md 9). */
export function runEditConfig(options: EditConfigOptions, line: OperatorLine): Promise<ExitCode> {
  return withCluster(
    options,
    line,
    async (cluster) => {
      const view = await cluster.view();
      if (isStop(view)) return view;
      if (view.config.kind !== 'valid') return withoutConfig(view.config, cluster);
      const stored = view.config.config.document;
      const wanted = await wantedConfig(stored, { options, line, cluster });
      if (isStop(wanted)) return wanted;
      return notLost(await apply(wanted, { options, line, cluster, view, config: view.config }), wanted.file);
    },
    'the-configured-one',
  );
}

type Applied = Context & { readonly view: ClusterView; readonly config: Extract<StoredConfig, { kind: 'valid' }> };

async function apply(
  { document, text }: Wanted,
  { options, line, cluster, view, config }: Applied,
): Promise<ExitCode | Stop> {
  const stored = config.config.document;
  if (deepEqual(stored, document)) return report(options, line, { outcome: 'unchanged', document });
  if (!options.quiet) showDifference(unifiedDiff(renderYaml(stored), text), options, line);
  warnOfUse(document, { view, tool: options.tool, line });
  if (!options.force) {
    if (readsInput(options)) return report(options, line, { outcome: 'needs-force', document: stored });
    const answer = await confirm(line, 'Apply these changes?');
    if (isStop(answer)) return answer;
    if (answer === 'no') return report(options, line, { outcome: 'declined', document: stored });
  }
  const failed = await write(cluster, document, config.modRevision);
  return failed ?? report(options, line, { outcome: 'changed', document });
}

/** What somebody took time to edit, and what came to nothing, still lies there. */
function notLost<End>(end: End | Stop, file: EditedFile | null): End | Stop {
  if (file !== null && isStop(end)) return { ...end, line: `${end.line}\nWhat was edited is kept in ${file.path}` };
  file?.remove();
  return end;
}

function withoutConfig(config: StoredConfig, { name }: Cluster): Stop {
  return config.kind === 'invalid'
    ? stop(`The configuration of cluster ${name} cannot be read: ${config.problem}`)
    : stop(`The config key does not exist in the cluster ${name}`);
}

/** `text` is what the difference shows: an editor's text as it was left. */
type Wanted = { readonly document: JsonObject; readonly text: string; readonly file: EditedFile | null };
type Context = { readonly options: EditConfigOptions; readonly line: OperatorLine; readonly cluster: Cluster };

async function wantedConfig(stored: JsonObject, { options, line, cluster }: Context): Promise<Wanted | Stop> {
  const { replaceFile, applyFile, set, parameters, format } = options;
  if (replaceFile === null && applyFile === null && set.length + parameters.length === 0) {
    // An editor would wait for somebody, and draw on standard output.
    if (format === 'json') return stop('With --json the change has to be given: --set, --pg, --apply or --replace');
    return edited(stored, line, cluster);
  }
  const replace = replaceFile === null ? null : await givenText(replaceFile, line);
  if (isStop(replace)) return replace;
  const apply = applyFile === null ? null : await givenText(applyFile, line);
  if (isStop(apply)) return apply;
  const change: WantedChange = { replace, apply, set, parameters };
  const changed = changedConfig(stored, change);
  return isStop(changed) ? changed : { ...changed, text: renderYaml(changed.document), file: null };
}

async function edited(stored: JsonObject, line: OperatorLine, { name }: Cluster): Promise<Wanted | Stop> {
  const fileName = `${name.replaceAll('/', '_')}-config`;
  const outcome = await line.edit({ text: renderYaml(stored), fileName });
  if (outcome.kind === 'failed') return stop(outcome.message);
  const read = readConfigText(outcome.text);
  const { text, file } = outcome;
  return isStop(read) ? notLost(read, file) : { document: read.document, text, file };
}

function readsInput({ replaceFile, applyFile }: EditConfigOptions): boolean {
  return replaceFile === '-' || applyFile === '-';
}

function showDifference(difference: readonly string[], { format }: EditConfigOptions, line: OperatorLine): void {
  const output = format === 'json' ? line.stderr : line.stdout;
  const paint = painter(output, line);
  for (const text of difference) {
    const colour = colours[text.charAt(0)];
    output.write(`${colour === undefined ? text : paint(colour, text)}\n`);
  }
}

const colours: Readonly<Record<string, Colour>> = { '-': 'red', '+': 'green', '@': 'cyan' };

/** Nothing keeps Patroni's tool from storing what agents do not accept, correct or pass over; ours says so. */
function warnOfUse(
  document: JsonObject,
  { view, tool, line }: { readonly view: ClusterView; readonly tool: Tool; readonly line: OperatorLine },
): void {
  if (tool === 'patronictl') return;
  const { config, rejected } = readDynamicConfig(document);
  const unusable = saysNothing(document) ? 'an empty configuration counts for none' : rejected;
  const foreignMemberPresent = view.members.some(({ agent }) => agent === 'foreign');
  const warnings =
    unusable === null
      ? timingAdjustments(config, { foreignMemberPresent }).map((each) => `agents will correct this: ${each}`)
      : [`agents will not accept this, and go on with what they have: ${unusable}`];
  for (const each of [...warnings, ...ignoredValues(document)]) line.stderr.write(`Warning: ${each}\n`);
}

/** Against the very version that was read. @returns what went wrong. */
async function write(
  cluster: Cluster,
  json: JsonObject,
  revision: Extract<StoredConfig, { kind: 'valid' }>['modRevision'],
): Promise<Stop | null> {
  const key = storeKey('config');
  const outcome = await cluster.write({
    key,
    action: { kind: 'put', value: { kind: 'json', json }, lease: null },
    when: [{ kind: 'mod-revision-is', key, revision }],
  });
  switch (outcome.kind) {
    case 'written':
      return null;
    case 'conflict':
      return stop('Config modification aborted due to concurrent changes');
    case 'refused':
      return stop(`The store refused the change: ${outcome.reason}`);
    case 'lease-gone':
    case 'no-answer': {
      const reason = outcome.kind === 'no-answer' ? outcome.reason : 'the lease is gone';
      return stop(`The store did not confirm the change (${reason}); see show-config whether it was made`);
    }
  }
}

type Outcome = 'changed' | 'unchanged' | 'declined' | 'needs-force';

/** The last line, or the JSON object in its place. */
function report(
  { format, quiet, tool }: EditConfigOptions,
  { stdout }: OperatorLine,
  { outcome, document }: { readonly outcome: Outcome; readonly document: JsonObject },
): ExitCode {
  const text = texts[outcome];
  if (format === 'json') stdout.write(`${renderSpacedJson({ outcome, config: document })}\n`);
  else if (text !== '' && !(quiet && outcome === 'unchanged')) stdout.write(`${text}\n`);
  return outcome === 'changed' || outcome === 'unchanged' ? 0 : codeOfFailure(tool);
}

const texts: Readonly<Record<Outcome, string>> = {
  changed: 'Configuration changed',
  unchanged: 'Not changed',
  declined: '',
  'needs-force': 'Use --force option to apply changes',
};
