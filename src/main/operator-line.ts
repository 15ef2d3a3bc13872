import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { createAgentApi } from '../adapters/peers/create-agent-api.ts';
import type { Edited, OperatorLine } from '../cli/command-line.ts';
import { createCommandLine } from './command-line.ts';

/** The command line of this process for commands that ask people and agents. */
export function createOperatorLine(): OperatorLine {
  const lines = new InputLines();
  return {
    ...createCommandLine(),
    ask: (prompt) => lines.ask(prompt),
    readInput: () => Promise.resolve(readFileSync(process.stdin.fd, 'utf8')),
    readText: (path) => readable(() => readFileSync(path, 'utf8')),
    edit: (document) => Promise.resolve(editInFile(document)),
    openAgents: (access) => {
      try {
        return createAgentApi(access);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        const reason = `a certificate or key of the configuration cannot be used: ${error.message}`;
        return { call: () => Promise.resolve({ kind: 'no-answer', reason }) };
      }
    },
  };
}

/** Lines of standard input, one for each question. What is piped in arrives all at once, and is kept. */
class InputLines {
  readonly #kept: string[] = [];
  #reader: Interface | null = null;
  #isOver = false;
  #waiting: ((line: string | null) => void) | null = null;

  ask(prompt: string): Promise<string | null> {
    process.stdout.write(prompt);
    const kept = this.#kept.shift();
    if (kept !== undefined || this.#isOver) return Promise.resolve(kept ?? null);
    this.#reader ??= this.#open();
    this.#reader.resume();
    return new Promise((resolve) => {
      const interrupted = (): void => {
        process.stdout.write('\n');
        this.#hand(null);
      };
      process.once('SIGINT', interrupted);
      this.#waiting = (line) => {
        process.off('SIGINT', interrupted);
        // A terminal that nobody reads keeps no process alive.
        if (!this.#isOver) this.#reader?.pause();
        resolve(line);
      };
    });
  }

  #open(): Interface {
    return createInterface({ input: process.stdin, terminal: false })
      .on('line', (line) => {
        this.#hand(line);
      })
      .on('close', () => {
        this.#isOver = true;
        this.#hand(null);
      });
  }

  #hand(line: string | null): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting !== null) waiting(line);
    else if (line !== null) this.#kept.push(line);
  }
}

function readable(read: () => string): string | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}

/** `EDITOR`, else what Debian calls the editor, else vi; the file is removed afterwards (spec/ctl.md 9). */
function editInFile({ text, fileName }: { readonly text: string; readonly fileName: string }): Edited {
  const folder = mkdtempSync(join(tmpdir(), 'matriarch-edit-'));
  const file = join(folder, `${fileName}.yaml`);
  const chosen = process.env['EDITOR'] ?? '';
  try {
    writeFileSync(file, text, { mode: 0o600 });
    for (const editor of chosen === '' ? ['editor', 'vi'] : [chosen]) {
      const { status, error } = spawnSync(editor, [file], { stdio: 'inherit' });
      if (error !== undefined && 'code' in error && error.code === 'ENOENT') continue;
      if (status !== 0) return failed(`Editor exited with return code ${status ?? -1}`);
      return { kind: 'edited', text: readFileSync(file, 'utf8') };
    }
    return failed('EDITOR environment variable is not set. editor or vi are not available');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function failed(message: string): Edited {
  return { kind: 'failed', message };
}
