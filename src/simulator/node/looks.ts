import type { PostgresReport } from '../../domain/postgres-report.ts';
import type { Instant } from '../../domain/time.ts';
import type { Actor } from '../kernel/actor.ts';
import type { Scheduled } from '../kernel/event-heap.ts';
import { Appearance } from '../postgres/postgres-report.ts';
import type { Span } from '../world/settings.ts';
import type { NodeSetup } from './node-setup.ts';

/** What an agent sees of its PostgreSQL, and when, as the driver of the real one has it. */
export class Looks {
  readonly #setup: LooksSetup;
  readonly #appearance: Appearance;
  #under: 'idle' | 'running' | 'again' = 'idle';
  #next: Scheduled | null = null;
  #wasAccepting = false;

  constructor(setup: LooksSetup) {
    this.#setup = setup;
    this.#appearance = new Appearance(setup.postgres, setup.otherServers);
    setup.postgres.onChange(() => this.#noticeDisturbance());
  }

  /** Another process begins. */
  begin(): void {
    this.#next = null;
    this.#under = 'idle';
    this.#wasAccepting = this.#setup.postgres.acceptsConnections;
  }

  /** One look at a time: what is true when it begins is reported when it ends. */
  look(): void {
    if (this.#under !== 'idle') {
      this.#under = 'again';
      return;
    }
    this.#under = 'running';
    const { clock, postgres, kernel, settings, after, seen } = this.#setup;
    const report = this.#appearance.look({ observedAt: clock.now(), worldTime: kernel.now, wallClock: clock });
    const hangs = postgres.silentSince !== null || postgres.isDiskStuck;
    after(hangs ? SILENT_LOOK : settings.look, 'look', () => {
      seen(report);
      const again = this.#under === 'again';
      this.#under = 'idle';
      if (again) this.look();
    });
  }

  /** The last one that was asked for counts. */
  lookAt(at: Instant): void {
    const { clock, kernel, actor } = this.#setup;
    if (this.#next !== null) kernel.callOff(this.#next);
    this.#next = clock.timer(at, actor, 'look at', () => {
      this.#next = null;
      this.look();
    });
  }

  /** The connection to the server breaks: the driver looks at once. */
  #noticeDisturbance(): void {
    const { postgres, actor, after } = this.#setup;
    const accepting = postgres.acceptsConnections;
    const broke = this.#wasAccepting && !accepting;
    this.#wasAccepting = accepting;
    if (broke && actor.state !== 'dead') after(NOTICE, 'connection broke', () => this.look());
  }
}

type LooksSetup = Pick<NodeSetup, 'postgres' | 'clock' | 'kernel' | 'settings' | 'otherServers'> & {
  readonly actor: Actor;
  readonly after: (span: Span, label: string, run: () => void) => void;
  readonly seen: (report: PostgresReport) => void;
};

/** How long the driver waits for a server, or a disk, that does not answer. */
const SILENT_LOOK: Span = { from: 2000, to: 2000 };
const NOTICE: Span = { from: 0.2, to: 8 };
