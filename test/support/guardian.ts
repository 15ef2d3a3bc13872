import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createMachineClock } from '../../src/adapters/clock/machine-clock.ts';
import type { GuardianConnection } from '../../src/adapters/guardian-process/connect.ts';
import { findOrStartGuardian, type GuardianProgram } from '../../src/adapters/guardian-process/find-or-start.ts';
import { guardianSocketPath } from '../../src/adapters/guardian-process/socket-path.ts';
import { processesOfDataDirectory } from '../../src/adapters/linux-processes/data-directory-processes.ts';
import { hardFence } from '../../src/adapters/linux-processes/fence.ts';
import { endStrayGuardians, guardianMark } from '../../src/adapters/linux-processes/stray-guardians.ts';
import { type Instant, later, millis } from '../../src/domain/time.ts';
import type { GuardianReport } from '../../src/ports/guardian.ts';
import { until } from './wait.ts';

const START = { withinMs: 20_000 } as const;
const clock = createMachineClock();

/** The guardian's program from its source, for a data directory of its own. */
export function guardianProgram(where: { readonly dataDir: string; readonly runtimeDir: string }): GuardianProgram {
  const { dataDir, runtimeDir } = where;
  const socketPath = guardianSocketPath({ realDataDir: dataDir, runtimeDir });
  const entry = fileURLToPath(new URL('../../src/main/guardian-entry.ts', import.meta.url));
  return {
    socketPath,
    command: process.execPath,
    args: [entry, guardianMark(dataDir), `--socket=${socketPath}`],
    makeRoom: () => null,
    endStrays: () => endStrayGuardians(dataDir),
  };
}

/** A real guardian's connection, and all that it said. */
export class RealGuardian {
  readonly said: GuardianReport[] = [];
  #connection: GuardianConnection | null = null;
  #number = 0;

  static async of(program: GuardianProgram): Promise<RealGuardian> {
    const guardian = new RealGuardian();
    guardian.#connection = await findOrStartGuardian(program, (report) => guardian.said.push(report));
    await guardian.hears('hello');
    return guardian;
  }

  get pid(): number {
    return this.#only('hello').pid;
  }

  get armedUntil(): Instant | null {
    return this.#only('hello').armedUntil;
  }

  get steps(): readonly string[] {
    return this.said.flatMap((each) => (each.kind === 'fencing' ? [each.step] : []));
  }

  /** @returns the deadline, once the guardian knows it. */
  async arm(leftMs: number): Promise<Instant> {
    this.#number += 1;
    const number = this.#number;
    const deadline = later(clock.now(), millis(leftMs));
    this.#connection?.tell({ kind: 'arm', number, deadline });
    await until('the guardian is armed', START, () =>
      this.said.some((each) => each.kind === 'armed' && each.number === number),
    );
    return deadline;
  }

  tell(kind: 'confirm-quiet' | 'retire'): void {
    this.#number += 1;
    this.#connection?.tell({ kind, number: this.#number });
  }

  disarm(): void {
    this.#number += 1;
    this.#connection?.tell({ kind: 'disarm', number: this.#number, evidence: 'the test says so' });
  }

  async hears(kind: GuardianReport['kind'], step?: string): Promise<void> {
    await until(`the guardian says ${step ?? kind}`, START, () =>
      this.said.some((each) => each.kind === kind && (step === undefined || this.steps.includes(step))),
    );
  }

  hangUp(): void {
    this.#connection?.close();
  }

  #only<Kind extends GuardianReport['kind']>(kind: Kind): Extract<GuardianReport, { readonly kind: Kind }> {
    const found = this.said.find((each): each is Extract<GuardianReport, { readonly kind: Kind }> => {
      return each.kind === kind;
    });
    if (found === undefined) throw new Error(`the guardian never said ${kind}`);
    return found;
  }
}

/** A data directory's place with a private runtime directory; `end` leaves no process and no file. */
export function guardedPlace(): {
  readonly dataDir: string;
  readonly program: GuardianProgram;
  readonly count: () => number;
  readonly end: () => void;
} {
  const dataDir = mkdtempSync(join(tmpdir(), 'matriarch-data-'));
  const runtimeDir = mkdtempSync(join(tmpdir(), 'matriarch-run-'));
  return {
    dataDir,
    program: guardianProgram({ dataDir, runtimeDir }),
    count: () => {
      const { postmaster, others } = processesOfDataDirectory(dataDir);
      return others.length + (postmaster === null ? 0 : 1);
    },
    end: () => {
      endStrayGuardians(dataDir);
      hardFence(dataDir);
      for (const folder of [dataDir, runtimeDir]) rmSync(folder, { recursive: true, force: true });
    },
  };
}
