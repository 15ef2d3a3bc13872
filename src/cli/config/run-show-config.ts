import { renderSpacedJson } from '../../wire/rest/spaced-json.ts';
import { renderYaml } from '../../wire/yaml-text.ts';
import type { ExitCode, OperatorLine } from '../command-line.ts';
import { isStop, stop } from '../stop.ts';
import type { Tool } from '../tool.ts';
import { type ClusterOptions, withCluster } from '../with-cluster.ts';

export type ShowConfigOptions = ClusterOptions & { readonly tool: Tool; readonly format: 'yaml' | 'json' };

/** `show-config`: the dynamic configuration as it is stored. */
export function runShowConfig(options: ShowConfigOptions, line: OperatorLine): Promise<ExitCode> {
  return withCluster(
    options,
    line,
    async (cluster) => {
      const view = await cluster.view();
      if (isStop(view)) return view;
      const { config } = view;
      switch (config.kind) {
        case 'absent':
          // Patroni's tool says nothing, and calls that success.
          if (options.tool === 'patronictl') return 0;
          return stop(`Cluster ${cluster.name} has no configuration: the first agent that starts writes it`);
        case 'invalid':
          return stop(`The configuration of cluster ${cluster.name} cannot be read: ${config.problem}`);
        case 'valid': {
          const { document } = config.config;
          line.stdout.write(`${options.format === 'json' ? renderSpacedJson(document) : renderYaml(document)}\n`);
          return 0;
        }
      }
    },
    'the-configured-one',
  );
}
