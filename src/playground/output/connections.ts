import { superuser } from '../stage/node-file.ts';
import type { Stage } from '../stage/stage.ts';
import type { Connections } from './printer.ts';

/** @param command how this program is called, as a user would type it. */
export function connectionsTo(stage: Pick<Stage, 'nodes' | 'commandLineFile'>, command: string): Connections {
  const credentials = `${superuser.username}:${superuser.password}`;
  const hosts = stage.nodes.map(({ ports }) => `127.0.0.1:${ports.publicPostgres}`);
  return {
    nodes: stage.nodes.map(({ name, ports }) => ({
      name,
      postgres: `postgresql://${credentials}@127.0.0.1:${ports.publicPostgres}/postgres`,
      api: `http://127.0.0.1:${ports.publicApi}/`,
    })),
    primary: `postgresql://${credentials}@${hosts.join()}/postgres?target_session_attrs=read-write`,
    list: `${command} -c ${stage.commandLineFile} list`,
  };
}
