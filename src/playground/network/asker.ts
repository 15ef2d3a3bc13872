import { readdirSync, readlinkSync } from 'node:fs';
import { inodeOf, tcpTable } from './tcp-table.ts';

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
