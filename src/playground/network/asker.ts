import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * Which of some processes a local TCP connection comes from.
 * @returns `null` when it is none of them: this very process, somebody else's, or one that is gone already.
 */
export function processBehind<T extends { readonly pid: number }>(
  connection: { readonly port: number; readonly relayPort: number },
  candidates: () => readonly T[],
): T | null {
  const inode = inodeOf(connection, tcpTable());
  if (inode === null) return null;
  const socket = `socket:[${inode}]`;
  // Ours first: our own client connects most often, and the candidates take a walk through /proc.
  if (holds(process.pid, socket)) return null;
  return candidates().find(({ pid }) => holds(pid, socket)) ?? null;
}

/** The socket of the side that connected, in the text of /proc/net/tcp (proc_net(5)). */
export function inodeOf(
  { port, relayPort }: { readonly port: number; readonly relayPort: number },
  table: string,
): string | null {
  const ends = `${address(port)} ${address(relayPort)}`;
  const line = table.split('\n').find((each) => each.includes(ends));
  const inode = line?.trim().split(/\s+/)[9];
  return inode === undefined || inode === '0' ? null : inode;
}

/** 127.0.0.1 in the order of a little-endian machine, as both of ours are (x86-64, arm64). */
function address(port: number): string {
  return `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}

function tcpTable(): string {
  return readFileSync('/proc/net/tcp', 'utf8');
}

function holds(pid: number, socket: string): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some((descriptor) => targetOf(`${folder}/${descriptor}`) === socket);
  } catch {
    return false; // Gone meanwhile.
  }
}

function targetOf(link: string): string | null {
  try {
    return readlinkSync(link);
  } catch {
    return null;
  }
}
