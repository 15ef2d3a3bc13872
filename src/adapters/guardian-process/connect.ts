import { connect, type Socket } from 'node:net';
import type { GuardianMessage, GuardianReport } from '../../ports/guardian.ts';
import { lineReader } from './line-reader.ts';
import { guardianLine, parseGuardianReport } from './lines.ts';

/** A connection to a living guardian; it has said hello. */
export type GuardianConnection = {
  tell(message: GuardianMessage): void;
  /** Without a `lost`: whoever closes knows. */
  close(): void;
};

/** A living guardian says hello at once; one that does not is frozen. */
const HELLO_LIMIT_MS = 600;

/**
 * Connect to the guardian that listens at `path`. Every report goes to `onReport`, its `hello` first, and `lost` last.
 * @returns `nobody`: nothing listens there. `silent`: something does, and does not answer.
 */
export function connectToGuardian(
  path: string,
  onReport: (report: GuardianReport) => void,
): Promise<GuardianConnection | 'nobody' | 'silent'> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.setEncoding('utf8');
    let greeted = false;
    const tooLate = setTimeout(() => giveUp('silent'), HELLO_LIMIT_MS);
    const giveUp = (outcome: 'nobody' | 'silent'): void => {
      clearTimeout(tooLate);
      socket.removeAllListeners('close').destroy();
      resolve(outcome);
    };
    const read = lineReader((line) => {
      const report = parseGuardianReport(line);
      if (report === null || (!greeted && report.kind !== 'hello')) return;
      if (!greeted) {
        greeted = true;
        clearTimeout(tooLate);
        resolve(connectionOn(socket));
      }
      onReport(report);
    });
    socket.on('data', (chunk) => read(String(chunk)));
    socket.on('error', () => {
      if (!greeted) giveUp('nobody');
    });
    socket.on('close', () => {
      if (greeted) onReport({ kind: 'lost', reason: 'the connection to the guardian broke' });
      else giveUp('nobody');
    });
  });
}

function connectionOn(socket: Socket): GuardianConnection {
  return {
    tell: (message) => {
      if (socket.writable) socket.write(guardianLine(message));
    },
    close: () => {
      socket.removeAllListeners('close');
      // What was told before (that the agent leaves) still goes out.
      socket.destroySoon();
    },
  };
}
