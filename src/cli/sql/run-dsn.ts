import { renderSpacedJson } from '../../wire/rest/spaced-json.ts';
import type { ExitCode, OperatorLine } from '../command-line.ts';
import { isStop, stop } from '../stop.ts';
import { type ClusterOptions, withCluster } from '../with-cluster.ts';
import { chooseServer, contradiction, type ServerWords } from './choose-server.ts';

export type DsnOptions = ClusterOptions & ServerWords & { readonly format: 'text' | 'json' };

/** `dsn`: where a member's PostgreSQL is, as a connection string begins (spec/ctl.md 10). */
export function runDsn(options: DsnOptions, line: OperatorLine): Promise<ExitCode> {
  return withCluster(options, line, async (cluster) => {
    const wrong = contradiction(options);
    if (wrong !== null) return wrong;
    const seen = await cluster.view();
    if (isStop(seen)) return seen;
    const server = chooseServer(seen, options);
    if (server === null) return stop('Can not find a suitable member');
    const { host, port } = server;
    line.stdout.write(options.format === 'json' ? `${renderSpacedJson(server)}\n` : `host=${host} port=${port}\n`);
    return 0;
  });
}
