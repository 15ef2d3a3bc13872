import type { ExitCode, OperatorLine } from '../command-line.ts';
import type { ListFormat } from '../list/formats.ts';
import { isStop } from '../stop.ts';
import { type ClusterOptions, withCluster } from '../with-cluster.ts';
import { renderHistory } from './render-history.ts';

/** `history`: when the cluster changed its timeline, and whose turn it was then. */
export function runHistory(
  options: ClusterOptions & { readonly format: ListFormat },
  line: OperatorLine,
): Promise<ExitCode> {
  return withCluster(
    options,
    line,
    async (cluster) => {
      const view = await cluster.view();
      if (isStop(view)) return view;
      line.stdout.write(renderHistory(view.history, options.format));
      return 0;
    },
    'the-configured-one',
  );
}
