import { renderJson } from '../../wire/json.ts';
import type { ExitCode, OperatorLine } from '../command-line.ts';
import { localTime } from '../local-time.ts';
import { isStop } from '../stop.ts';
import { type Cluster, type ClusterOptions, withCluster } from '../with-cluster.ts';
import { changeJson } from './change-json.ts';
import { changeText } from './change-text.ts';
import { type Change, changesSince, pastOf, presentOf } from './changes.ts';
import { LiveWatch, type WatchTerminal } from './live-watch.ts';
import { firstLook, LOOK_EVERY, lookAgain } from './look.ts';
import type { Scene } from './scene.ts';

export type WatchOptions = ClusterOptions & {
  readonly show:
    | { readonly as: 'view'; readonly terminal: () => WatchTerminal }
    | { readonly as: 'lines' | 'json'; readonly isOver: () => boolean };
};

/**
 * `watch`: a cluster, live, until somebody quits. It reads the store's keys and asks the agents; it writes nothing.
 * @throws when a signal interrupts the view; the terminal is restored then, too.
 */
export function runWatch({ show, ...options }: WatchOptions, line: OperatorLine): Promise<ExitCode> {
  return withCluster(options, line, async (cluster) => {
    const first = await firstLook(cluster, line);
    if (isStop(first)) return first;
    // Perhaps it is about to be created; more often its name is another one.
    if (first.members.length === 0) line.stderr.write(`Cluster ${cluster.name} has no members in the store\n`);
    if (show.as === 'view') {
      await new LiveWatch({ ...show.terminal(), line, first }).untilLeft((before) => lookAgain(cluster, line, before));
    } else {
      await printChanges({ cluster, line, first, ...show });
    }
    return 0;
  });
}

/** What there is, then a line at each change. */
async function printChanges({
  cluster,
  line,
  first,
  as,
  isOver,
}: {
  readonly cluster: Cluster;
  readonly line: OperatorLine;
  readonly first: Scene;
  readonly as: 'lines' | 'json';
  readonly isOver: () => boolean;
}): Promise<void> {
  const print = (changes: readonly Change[]): void => {
    for (const change of changes) {
      line.stdout.write(as === 'json' ? `${renderJson(changeJson(cluster.name, change))}\n` : plainLine(change));
    }
  };
  print([...pastOf(first), ...presentOf(first)]);
  for (let scene = first; !isOver(); ) {
    await line.sleep(LOOK_EVERY);
    const next = await lookAgain(cluster, line, scene);
    print(changesSince(scene, next));
    scene = next;
  }
}

function plainLine(change: Change): string {
  const { who, text } = changeText(change);
  return `${localTime(change.at)}  ${who === '' ? '' : `${who}: `}${text}\n`;
}
