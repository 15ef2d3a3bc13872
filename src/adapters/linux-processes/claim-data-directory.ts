import { createHash } from 'node:crypto';
import { connect, createServer } from 'node:net';

export type DataDirectoryClaim =
  | { readonly kind: 'mine'; release(): void }
  /** `holder`: how the agent that has it calls itself; `null`: it does not answer, frozen perhaps. */
  | { readonly kind: 'taken'; readonly holder: string | null };

/** A living agent says at once who it is. */
const WORD_LIMIT_MS = 1_000;
const WORD_CHARACTERS_MAX = 200;

/**
 * Make this process the only agent of a data directory on this machine. Two of them would take the guardian from each
 * other, and each stop what the other started. The claim is an abstract Unix socket: to bind its name is atomic, and the
 * kernel frees it with the process, however that ends, so nothing stale is ever left (Node has no flock). It holds within
 * one network namespace, as the names of such sockets do; containers that share a directory are not told apart by it.
 * @param self who is told to an agent that comes second.
 */
export function claimDataDirectory(realDataDir: string, self: string): Promise<DataDirectoryClaim> {
  const name = `\0matriarch-agent-${createHash('sha256').update(realDataDir).digest('hex').slice(0, 32)}`;
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      // Who asked may be gone already.
      socket.on('error', () => undefined);
      socket.end(self.slice(0, WORD_CHARACTERS_MAX));
    });
    // Also later: a connection that could not be accepted, for want of memory perhaps, ends nobody.
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') void holderOf(name).then((holder) => resolve({ kind: 'taken', holder }));
      else reject(error);
    });
    server.listen(name, () => {
      // It keeps nobody alive.
      server.unref();
      resolve({ kind: 'mine', release: () => void server.close() });
    });
  });
}

function holderOf(name: string): Promise<string | null> {
  return new Promise((resolve) => {
    let word = '';
    const socket = connect(name);
    const finish = (holder: string | null): void => {
      clearTimeout(tooLate);
      socket.destroy();
      resolve(holder);
    };
    const tooLate = setTimeout(() => finish(null), WORD_LIMIT_MS);
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => (word = `${word}${String(chunk)}`.slice(0, WORD_CHARACTERS_MAX)));
    socket.on('end', () => finish(word === '' ? null : word));
    socket.on('error', () => finish(null));
  });
}
