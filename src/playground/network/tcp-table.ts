import { readFileSync } from 'node:fs';

/** Every TCP socket of this machine, in the text of /proc/net/tcp (proc_net(5)). */
export function tcpTable(): string {
  return readFileSync('/proc/net/tcp', 'utf8');
}

/** @returns the socket of the side that connected; `null` when nobody has it any more. */
export function inodeOf(
  { port, relayPort }: { readonly port: number; readonly relayPort: number },
  table: string,
): string | null {
  const ends = `${localhost}:${hex(port)} ${localhost}:${hex(relayPort)}`;
  const line = table.split('\n').find((each) => each.includes(ends));
  const inode = line?.trim().split(/\s+/)[9];
  return inode === undefined || inode === '0' ? null : inode;
}

/** @returns the ports of 127.0.0.1 that somebody listens on. */
export function listeningPorts(table: string): ReadonlySet<number> {
  const found = table.matchAll(new RegExp(` ${localhost}:([0-9A-F]{4}) [0-9A-F]+:0000 ${LISTENING} `, 'g'));
  return new Set(found.map(([, port = '']) => Number.parseInt(port, 16)));
}

/** 127.0.0.1 in the order of a little-endian machine, as both of ours are (x86-64, arm64). */
const localhost = '0100007F';
const LISTENING = '0A';

function hex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}
