import { chmodSync, renameSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import type { GuardianMessage, GuardianReport } from '../../ports/guardian.ts';
import { lineReader } from './line-reader.ts';
import { guardianLine, parseGuardianMessage } from './lines.ts';

/** The guardian's end: one agent at a time; a newer connection replaces an older one. */
export type GuardianDoor = {
  send(report: GuardianReport): void;
  close(): void;
};

/**
 * Wait for the agent at `path`. The socket appears there in one move, complete, in the place of a stale one.
 * @returns once it listens.
 */
export function listenForAgent(
  path: string,
  on: {
    connected(): void;
    disconnected(): void;
    message(message: GuardianMessage): void;
  },
): Promise<GuardianDoor> {
  let current: Socket | null = null;
  const server = createServer((socket) => {
    const replaced = current;
    current = socket;
    replaced?.destroy();
    socket.setEncoding('utf8');
    // Its `close` follows an error; nothing to add.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (current !== socket) return;
      current = null;
      on.disconnected();
    });
    const read = lineReader((line) => {
      const message = parseGuardianMessage(line);
      if (message !== null && current === socket) on.message(message);
    });
    socket.on('data', (chunk) => read(String(chunk)));
    on.connected();
  });
  const door: GuardianDoor = {
    send: (report) => {
      // An agent that is frozen and does not read must not make the guardian grow.
      if (current !== null && current.writableLength < UNREAD_MAX_BYTES) current.write(guardianLine(report));
    },
    close: () => {
      server.close();
      current?.destroySoon();
    },
  };
  const unfinished = `${path}.${process.pid}`;
  return new Promise((resolve, reject) => {
    // Also later: a connection that could not be accepted, for want of memory perhaps, ends no guardian.
    server.on('error', reject);
    server.listen(unfinished, () => {
      // Whoever may write to it can end PostgreSQL, and disarm; its directory, which others may enter, does not keep them out.
      chmodSync(unfinished, 0o600);
      renameSync(unfinished, path);
      resolve(door);
    });
  });
}

const UNREAD_MAX_BYTES = 65_536;
