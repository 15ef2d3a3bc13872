import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeName } from '../names.ts';
import type { Wires } from '../network/network.ts';
import { type NodeOnMachine, type NodePorts, nodeFile } from './node-file.ts';
import type { Programs } from './our-processes.ts';

/** What a node needs before its agent starts; `folder` is there and the servers' user's. */
export function layNode(node: {
  readonly name: NodeName;
  readonly folder: string;
  readonly ports: NodePorts;
  readonly programs: Programs;
}): NodeOnStage {
  const { name, folder, ports, programs } = node;
  const onMachine = { name, folder, dataDirectory: join(folder, 'data'), ports, postgresBinaries: programs.postgres };
  const configFile = join(folder, 'patroni.yml');
  const logFile = join(folder, 'agent.log');
  writeFileSync(configFile, nodeFile(onMachine), { mode: 0o644 });
  writeFileSync(logFile, '');
  return { ...onMachine, configFile, logFile };
}

export interface NodeOnStage extends NodeOnMachine {
  readonly configFile: string;
  readonly logFile: string;
}

export const PORTS_PER_NODE = 5;

/** Those of the node at `index`, out of the ports of all. */
export function portsAt(ports: readonly number[], index: number): NodePorts {
  const [api = 0, postgres = 0, publicApi = 0, publicPostgres = 0, toStore = 0] = ports.slice(PORTS_PER_NODE * index);
  return { api, postgres, publicApi, publicPostgres, toStore };
}

/** Which relay leads where. */
export function wiresOf({ name, ports }: NodeOnMachine, storePort: number): Wires {
  return {
    name,
    inbound: [
      { port: ports.publicApi, target: ports.api },
      { port: ports.publicPostgres, target: ports.postgres },
    ],
    toStore: { port: ports.toStore, target: storePort },
  };
}
