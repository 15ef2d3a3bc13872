import type { PostgresProcess } from '../../../domain/postgres-report.ts';
import { processesOf } from './cluster-processes.ts';
import { readListening } from './listening.ts';
import { findPostmaster, type Postmaster, type PostmasterFinding } from './postmaster.ts';
import { readPostmasterFile } from './postmaster-file.ts';
import { isAlive } from './process-table.ts';

/** The processes of one data directory: whether a postmaster leads them, and who is left when none does. */
export class ServerProcess {
  readonly #dataDir: string;
  readonly #postgresNames: ReadonlySet<string>;
  #launched: number | null = null;
  #accepted: Postmaster | null = null;

  constructor(dataDir: string, postgresNames: ReadonlySet<string>) {
    this.#dataDir = dataDir;
    this.#postgresNames = postgresNames;
  }

  /** This agent started a postmaster itself; it is then found although it is the agent's own child. */
  launched(pid: number): void {
    this.#launched = pid;
  }

  /** Whose process postmaster.pid names. A process that was accepted once needs no further proof while it lives. */
  find(): PostmasterFinding {
    const accepted = this.#accepted;
    const file = readPostmasterFile(this.#dataDir);
    if (file === null) return { kind: 'none' };
    if (accepted !== null && Math.abs(file.pid) === accepted.pid && isAlive(accepted)) {
      return { kind: 'found', postmaster: accepted };
    }
    const finding = findPostmaster({
      dataDir: this.#dataDir,
      postgresNames: this.#postgresNames,
      launched: this.#launched,
    });
    this.#accepted = finding.kind === 'found' ? finding.postmaster : null;
    return finding;
  }

  /** The number in a stale postmaster.pid that still counts as a process: PostgreSQL has to be told to ignore it. */
  stalePid(): number | null {
    const finding = this.find();
    return finding.kind === 'stale-file' ? finding.pid : null;
  }

  /** Every process of the data directory, the postmaster among them. */
  all(): readonly number[] {
    return processesOf(this.#dataDir, this.#postgresNames);
  }

  /**
   * As the machine sees it. A single-user server counts among what a dead postmaster left behind: nobody can connect to
   * it, nobody leads it, and nothing else may start beside it.
   */
  report(): PostgresProcess {
    const finding = this.find();
    if (finding.kind === 'found' && finding.postmaster.kind === 'server') {
      const { pid, startedAt } = finding.postmaster;
      return { kind: 'running', pid, startedAt, ...this.#listensOn() };
    }
    const left = this.all();
    return left.length === 0 ? { kind: 'none' } : { kind: 'orphaned', processCount: left.length };
  }

  #listensOn(): Pick<Extract<PostgresProcess, { kind: 'running' }>, 'listensOn'> {
    const { addresses = null, port = null } = readListening(this.#dataDir) ?? {};
    return addresses === null || port === null ? {} : { listensOn: { addresses, port } };
  }
}
