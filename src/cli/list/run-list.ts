import { clusterPrefix } from '../../wire/store-keys.ts';
import type { CommandLine, ExitCode, GlobalOptions } from '../command-line.ts';
import type { CtlConfig } from '../ctl-config.ts';
import { type Grouping, groupingOf, groupPrefix } from '../groups.ts';
import { loadConfig } from '../load-config.ts';
import { localTime } from '../local-time.ts';
import { type ClusterRead, readCluster } from '../read-cluster.ts';
import type { Repeat } from '../repeat.ts';
import type { ListFormat } from './formats.ts';
import { renderList } from './render-list.ts';

export type ListOptions = GlobalOptions & {
  /** Empty: the configured scope. */
  readonly clusters: readonly string[];
  readonly format: ListFormat;
  readonly extended: boolean;
  readonly order: 'names' | 'tree';
  /** Where the time is said; `null`: nowhere. */
  readonly timestampOn: 'stdout' | 'stderr' | null;
  readonly repeat: Repeat;
};

/** `list` and `topology`: the members of one or more clusters, from the store alone; an entry is as old as its member's last change. */
export async function runList(options: ListOptions, commandLine: CommandLine): Promise<ExitCode> {
  const loaded = loadConfig(options, commandLine);
  if (loaded.kind === 'invalid') return fail(loaded.message, commandLine);
  const { config } = loaded;
  const clusters = options.clusters.length > 0 || config.scope === null ? options.clusters : [config.scope];
  if (clusters.length === 0) {
    const now = localTime(commandLine.wallNow());
    commandLine.stderr.write(`${now} - WARNING - Listing members: No cluster names were provided\n`);
    return 0;
  }
  const grouping = groupingOf(options, config, 'all');
  const readers = clusters.map((name) => clusterReader({ name, grouping }, config, commandLine));
  try {
    for (let shown = 0; ; ) {
      const code = await round(readers, options, commandLine);
      if (code === 0) shown += 1;
      // Whoever has been looking on goes on looking: a store without a leader is back in a moment.
      if (shown === 0 || options.repeat.kind === 'once') return code;
      await commandLine.sleep(options.repeat.milliseconds);
    }
  } finally {
    await Promise.all(readers.map((reader) => reader.close()));
  }
}

const CLEAR_SCREEN = '\x1b[2J\x1b[H';

type ClusterReader = {
  readonly name: string;
  readonly grouping: Grouping;
  read(): Promise<ClusterRead>;
  close(): Promise<void>;
};

function clusterReader(
  { name, grouping }: Pick<ClusterReader, 'name' | 'grouping'>,
  config: CtlConfig,
  commandLine: CommandLine,
): ClusterReader {
  const prefix = clusterPrefix({ namespace: config.namespace, scope: name });
  const store = commandLine.openStore(config.store, groupPrefix(prefix, grouping));
  return {
    name,
    grouping,
    read: () => readCluster(store, commandLine, grouping),
    close: () => store.close(),
  };
}

async function round(
  readers: readonly ClusterReader[],
  { format, extended, order, timestampOn, repeat }: ListOptions,
  commandLine: CommandLine,
): Promise<ExitCode> {
  const { stdout } = commandLine;
  if (repeat.kind === 'every' && stdout.isTerminal) stdout.write(CLEAR_SCREEN);
  if (timestampOn !== null) commandLine[timestampOn].write(`${localTime(commandLine.wallNow())}\n`);
  for (const reader of readers) {
    const outcome = await reader.read();
    if (outcome.kind === 'failed') return fail(`Can not read cluster ${reader.name}: ${outcome.why}`, commandLine);
    stdout.write(
      renderList({
        name: reader.name,
        grouping: reader.grouping,
        groups: outcome.view.groups,
        format,
        extended,
        order,
      }),
    );
  }
  return 0;
}

function fail(message: string, { stderr }: CommandLine): ExitCode {
  stderr.write(`Error: ${message}\n`);
  return 1;
}
